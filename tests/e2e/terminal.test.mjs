// The terminals: a whole lesson typed at the prompt, two at once, completion, history, links, files.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { stage } from "./stage.mjs";
import { hurry, inPhase, manifestText, root } from "./support.mjs";

const { open } = stage();

const prompt = (page, terminal = 1) =>
  page.getByRole("textbox", { name: terminal === 1 ? "Command line: kubectl" : "Command line of terminal 2" });

async function type(page, line, terminal = 1) {
  await prompt(page, terminal).fill(line);
  await prompt(page, terminal).press("Enter");
}

const screen = (page) => page.locator(".terminal:visible").first();

/** Waits until the screen of a terminal shows a text. */
function shows(page, pattern, terminal = 1) {
  return page.waitForFunction(
    ([source, at]) => new RegExp(source, "m").test(document.querySelectorAll(".terminal")[at].innerText),
    [pattern.source, terminal - 1],
    { timeout: 60_000 },
  );
}

/** How often the screen of the first terminal shows a text. */
async function count(page, pattern) {
  return ((await screen(page).innerText()).match(pattern) ?? []).length;
}

test("the whole of seed 002, typed at the prompt from the first command to the last", async () => {
  const { page, seen, close } = await open();
  const manifest = await readFile(join(root, "tests/manifests/seed-002-1.yaml"), "utf8");
  await page.getByRole("textbox", { name: /^Manifest/ }).fill(manifest);
  await hurry(page);
  await page.getByRole("button", { name: "Side by side" }).click();
  await type(page, "kubectl get pods -w -l app=nginx", 2);
  await type(page, "kubectl apply -f web.yaml");
  await shows(page, /^service\/nginx created\nstatefulset.apps\/web created$/);
  await shows(page, /^web-0   1\/1     Running [\s\S]*\nweb-1   1\/1     Running /, 2);
  await type(page, `for i in 0 1; do kubectl exec "web-$i" -- sh -c 'hostname'; done`);
  await shows(page, /done\nweb-0\nweb-1$/);
  await type(page, "kubectl run -i --tty --image busybox:1.28 dns-test --restart=Never --rm /bin/sh");
  await shows(page, /If you don't see a command prompt, try pressing enter\.[\s\S]*^\/ # $/);
  await type(page, "nslookup web-0.nginx");
  await shows(page, /^Server: {4}10\.96\.0\.10\nAddress 1: 10\.96\.0\.10 kube-dns\.kube-system\.svc\.cluster\.local\n\nName: {6}web-0\.nginx\nAddress 1: 10\.244\.\d+\.\d+ web-0\.nginx\.default\.svc\.cluster\.local$/);
  await type(page, "nslookup web-1.nginx");
  await shows(page, /^Address 1: 10\.244\.\d+\.\d+ web-1\.nginx\.default\.svc\.cluster\.local$/);
  await type(page, "exit");
  await shows(page, /^pod "dns-test" deleted from default namespace$/);
  await type(page, "kubectl get pvc -l app=nginx");
  await shows(page, /^www-web-1   Bound    pvc-[0-9a-f-]{36}   1Gi        RWO            standard       <unset> /);
  await type(page, `for i in 0 1; do kubectl exec "web-$i" -- sh -c 'echo "$(hostname)" > /usr/share/nginx/html/index.html'; done`);
  const curl = 'for i in 0 1; do kubectl exec -i -t "web-$i" -- curl http://localhost/; done';
  await type(page, curl);
  await shows(page, /localhost\/; done\nweb-0\nweb-1$/);
  // A request is seen on the stage.
  await page.locator(".flight").first().waitFor();
  await type(page, "kubectl delete pod -l app=nginx");
  await shows(page, /^pod "web-0" deleted from default namespace\npod "web-1" deleted from default namespace$/);
  await shows(page, /Completed[\s\S]*ContainerCreating[\s\S]*web-1   1\/1     Running /, 2);
  await shows(page, /^\$ $/);
  await type(page, curl);
  await page.waitForFunction(() => document.querySelector(".terminal").innerText.match(/localhost\/; done\nweb-0\nweb-1$/gm)?.length === 2);
  // What was written stands on the volume, and is seen there.
  await page.locator('.claim[data-name="PersistentVolumeClaim/default/www-web-0"]').click();
  assert.match(await page.locator(".closer__files").innerText(), /index\.html\s+web-0/);
  assert.deepEqual(seen.errors, []);
  assert.deepEqual(seen.foreign, []);
  await close();
});

test("a command that waits has its terminal, says so while the clock stands, and is stopped by Ctrl+C", async () => {
  const { page, seen, close } = await open();
  await type(page, "kubectl apply -f web.yaml");
  await hurry(page);
  await inPhase(page, 2, "ready");
  await page.getByRole("button", { name: "Pause" }).click();
  await type(page, "kubectl delete pod web-1");
  await shows(page, /kubectl delete pod web-1 runs\./);
  await shows(page, /The clock stands still/);
  await type(page, "echo afterwards");
  assert.equal(await count(page, /^afterwards$/gm), 0);
  await page.getByRole("button", { name: "Let it run" }).click();
  await shows(page, /^afterwards$/);
  await type(page, "while true; do kubectl get pods -o name; sleep 5; done");
  await shows(page, /sleep 5; done\npod\/web-0$/);
  await prompt(page).press("Control+c");
  await shows(page, /^\^C$/);
  await type(page, "echo $?");
  await shows(page, /^130$/);
  // No command can hang the page.
  await type(page, "while true; do echo x > /dev/null; done");
  await shows(page, /stopped: too many commands without time passing/);
  await type(page, "seq 1 1000");
  await shows(page, /^1000$/);
  assert.equal(await count(page, /^500$/gm), 0, "what is long is cut");
  await page.getByRole("button", { name: /^Show 800 earlier lines/ }).click();
  assert.equal(await count(page, /^500$/gm), 1);
  assert.deepEqual(seen.errors, []);
  await close();
});

test("at the prompt: completion, history, search, paste, clear", async () => {
  const { page, seen, close } = await open();
  await type(page, "kubectl apply -f web.yaml");
  await hurry(page);
  await inPhase(page, 1, "ready");
  const line = prompt(page);
  await line.fill("kubectl desc");
  await line.press("Tab");
  assert.equal(await line.inputValue(), "kubectl describe ");
  await line.fill("kubectl delete pod we");
  await line.press("Tab");
  assert.equal(await line.inputValue(), "kubectl delete pod web-");
  const offered = page.getByRole("listbox", { name: /candidates/ });
  assert.deepEqual((await offered.getByRole("option").allInnerTexts()).map((it) => it.split(/\s/)[0]).slice(0, 2), ["web-0", "web-1"]);
  await line.press("Tab");
  await line.press("Tab");
  assert.equal(await line.inputValue(), "kubectl delete pod web-1");
  await line.press("Escape");
  await offered.waitFor({ state: "detached" });
  // An empty line lets Tab go on to the next control.
  await line.fill("");
  await line.press("Tab");
  assert.equal(await line.evaluate((it) => it === document.activeElement), false);
  await type(page, "kubectl get nodes");
  await type(page, "kubectl get sts");
  await line.fill("kubectl describe");
  await line.press("ArrowUp");
  await line.press("ArrowUp");
  assert.equal(await line.inputValue(), "kubectl get nodes");
  await line.press("ArrowDown");
  await line.press("ArrowDown");
  assert.equal(await line.inputValue(), "kubectl describe", "what was not sent yet is kept");
  // A command of several lines comes back as one.
  await line.fill("for i in 0 1; do");
  await line.press("Enter");
  await line.fill("echo round $i; done");
  await line.press("Enter");
  await shows(page, /^round 1$/);
  await line.press("ArrowUp");
  assert.equal(await line.inputValue(), "for i in 0 1; do\necho round $i; done");
  assert.equal(await line.getAttribute("rows"), "2");
  await line.press("ArrowUp");
  assert.equal(await line.inputValue(), "for i in 0 1; do\necho round $i; done", "up goes to the line above first");
  await line.press("ArrowUp");
  assert.equal(await line.inputValue(), "kubectl get sts");
  await line.fill("");
  await line.press("Control+r");
  await line.pressSequentially("apply");
  await shows(page, /^kubectl apply -f web\.yaml$/);
  await line.press("Enter");
  assert.equal(await line.inputValue(), "kubectl apply -f web.yaml");
  await line.fill("");
  // Several lines with the prompts that were copied along.
  await line.evaluate((it) => {
    const data = new DataTransfer();
    data.setData("text", "# Check\n$ kubectl get sts web -o name\nNAME\n$ echo pasted\n");
    it.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await shows(page, /^statefulset\.apps\/web\n+\$ echo pasted\npasted$/);
  await type(page, "clear");
  await page.waitForFunction(() => !/pasted/.test(document.querySelector(".terminal").innerText));
  assert.deepEqual(seen.errors, []);
  await close();
});

test("names in what was printed light the stage and select; the screen is a log", async () => {
  const { page, seen, close } = await open();
  await type(page, "kubectl apply -f web.yaml");
  await hurry(page);
  await inPhase(page, 1, "ready");
  const log = page.getByRole("log").first();
  const lights = async (command, shown) => {
    await type(page, command);
    const link = log.locator(".commands__entry").filter({ hasText: command }).locator("a").last();
    await link.hover();
    await page.locator(`${shown}.is-lit`).waitFor();
    return link;
  };
  await lights("kubectl get sts -o name", 'section[aria-label="web"]');
  await lights("kubectl get pvc www-web-1 -o name", '.column[data-ordinal="1"] .claim');
  await lights("kubectl get pv -o name", ".column .disk");
  await lights("kubectl get svc nginx -o name", ".service");
  await type(page, "kubectl create deployment shop --image=nginx");
  await type(page, "kubectl rollout status deployment/shop");
  await shows(page, /^deployment "shop" successfully rolled out$/);
  await lights("kubectl get pods -l app=shop -o name", ".heap__pod");
  await lights("kubectl get rs -o name", ".heap");
  const name = await lights("kubectl get pod web-1 -o name", '.column[data-ordinal="1"]');
  await name.click();
  await page.getByRole("heading", { name: "web-1" }).waitFor();
  assert.deepEqual(seen.errors, []);
  await close();
});

test("the pane's files are the working directory", async () => {
  const { page, seen, close } = await open();
  await type(page, "ls");
  await shows(page, /^web\.yaml$/);
  await page.getByLabel("File web.yaml").click();
  await page.getByRole("textbox", { name: "New file" }).fill("settings.yaml");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.getByRole("textbox", { name: /^Manifest/ }).fill("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n");
  await type(page, "kubectl apply -f .");
  await shows(page, /^configmap\/settings created\nservice\/nginx created\nstatefulset\.apps\/web created$/);
  await type(page, "kubectl get cm settings -o yaml > copy.yaml");
  await type(page, "kubectl edit sts web");
  await page.getByLabel("File statefulset-web.yaml").waitFor();
  assert.match(await manifestText(page), /kind: StatefulSet\nmetadata:/);
  await type(page, "kubectl apply -f nothing.yml");
  await shows(page, /the path "nothing\.yml" does not exist\n+There is no file of this name here; ls shows those that there are: copy\.yaml, /);
  assert.deepEqual(seen.errors, []);
  await close();
});
