// The stage by hand: what can be done, looked at and walked with keys alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "./stage.mjs";
import { apply, column, hurry, inPhase, set, start, until } from "./support.mjs";

const { open } = stage();

const closer = (page) => page.locator(".closer");
const commands = (page) => page.locator(".commands");
const look = (page, kind, name) => page.getByRole("button", { name: `Look at ${kind} ${name}`, exact: true }).first().click();
const act = (page, name) => closer(page).getByRole("button", { name }).click();

async function running(open, replicas = 3) {
  const opened = await open();
  await apply(opened.page, set({ replicas }));
  await hurry(opened.page);
  await inPhase(opened.page, replicas - 1, "ready");
  return opened;
}

test("what is selected shows why, what can be done, how it came to this, its events and its YAML", async () => {
  const { page, seen, close } = await running(open);
  await column(page, 1).locator("[role=gridcell]").first().click();
  const text = () => closer(page).innerText();
  await page.waitForFunction(() => document.querySelector(".closer").innerText.includes("Scheduled"));
  assert.match(await text(), /^Pod · default\n\nweb-1/);
  // The set's controller has yet to see that the last pod is Ready.
  await until(async () => /Nobody waits with it\./.test(await text()), "nobody waits");
  assert.match(await text(), /kubectl delete pod web-1\n/);
  assert.match(await text(), /StatefulSet controller creates Pod web-1/);
  assert.match(await text(), /Normal Scheduled Successfully assigned default\/web-1 to node-/);
  await closer(page).getByText("As the cluster has it").click();
  assert.match(await closer(page).locator("pre").innerText(), /^apiVersion: v1\nkind: Pod\nmetadata:/);
  await act(page, /^Delete it by force/);
  assert.match(await commands(page).innerText(), /\$ kubectl delete pod web-1 --grace-period=0 --force\n/);
  await column(page, 1).filter({ hasText: "2nd life" }).and(page.locator('[data-phase="ready"]')).waitFor();
  assert.deepEqual(seen.errors, []);
  await close();
});

test("a node is drained, and silenced, and comes back; each is shown as the command it is", async () => {
  const { page, seen, close } = await running(open);
  await look(page, "Node", "node-a");
  await act(page, /^Drain/);
  await page.getByText("node/node-a drained").waitFor();
  assert.match(await commands(page).innerText(), /\$ kubectl drain node-a [^\n]*\nnode\/node-a cordoned\nevicting pod default\/web-0\n/);
  await act(page, /^Uncordon/);
  await page.getByText("node/node-a uncordoned").waitFor();
  await look(page, "Node", "node-b");
  await act(page, /^Silence/);
  await page.locator(".node--lost").waitFor({ timeout: 60_000 });
  assert.match(await commands(page).innerText(), /\$ ssh node-b sudo systemctl stop kubelet/);
  await page.locator('.column[data-phase="unknown"]').first().waitFor();
  await act(page, /^Revive/);
  await page.locator(".node--lost").waitFor({ state: "detached", timeout: 60_000 });
  assert.deepEqual(seen.errors, []);
  await close();
});

test("a set is deleted in three ways, and its claims stay", async () => {
  for (const [name, cascade, pods] of [
    [/go after it/, "background", 0], [/go before it/, "foreground", 0], [/its pods stay/, "orphan", 2],
  ]) {
    const { page, close } = await running(open, 2);
    await look(page, "StatefulSet", "web");
    await act(page, name);
    assert.match(await commands(page).innerText(), new RegExp(`kubectl delete statefulset web --cascade=${cascade}\n`));
    await page.getByText("deleted; this is what is left of it").waitFor({ timeout: 60_000 });
    if (pods === 0) await inPhase(page, 0, "absent");
    assert.equal(await page.locator('.column[data-phase="ready"]').count(), pods);
    assert.equal(await page.locator(".column .claim").count(), 2);
    await close();
  }
});

test("a claim that stays Pending and a set that waits say why where the eye is", async () => {
  const { page, close } = await open();
  await start(page, "no-class.yaml");
  await page.locator(".cm-content").getByText("fast-ssd").first().waitFor();
  await page.getByRole("button", { name: "Apply" }).click();
  await hurry(page);
  await column(page, 0, "stuck").getByText("there is no StorageClass fast-ssd").first().waitFor();
  await closer(page).getByText("there is no StorageClass fast-ssd").first().waitFor();
  await close();
});

test("the keys alone do it: walk the shelf, look, go back in time", async () => {
  const { page, close } = await running(open);
  await page.getByRole("grid").focus();
  await page.keyboard.press("ArrowRight");
  const focused = () => page.evaluate(() => {
    const row = document.activeElement.closest("[role=row]");
    return `${row?.dataset.ordinal} ${[...(row?.children ?? [])].indexOf(document.activeElement)}`;
  });
  assert.equal(await focused(), "0 0");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(), "1 1");
  await page.keyboard.press("End");
  assert.equal(await focused(), "2 1");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(), "0 0");
  await page.keyboard.press("Enter");
  await closer(page).getByRole("heading", { name: "web-0" }).waitFor();
  // What is walked on keeps the focus while it changes.
  await page.getByRole("button", { name: "Step back to the record before" }).press("Enter");
  const clock = await page.getByRole("timer").innerText();
  for (let count = 0; count < 30; count++) {
    await page.getByRole("button", { name: "Step back to the record before" }).press("Enter");
  }
  assert.notEqual(await page.getByRole("timer").innerText(), clock);
  assert.notEqual(await column(page, 2).getAttribute("data-phase"), "ready");
  await page.getByRole("slider").press("End");
  await inPhase(page, 2, "ready");
  await close();
});

test("Tab goes to every control there is, and each shows that it has the focus", async () => {
  const { page, close } = await running(open);
  await page.getByRole("button", { name: "Pause" }).click();
  // On which element the focus is, and whether it or what it stands in shows that.
  const focus = () => page.evaluate(() => {
    const element = document.activeElement;
    if (element === document.body) return null;
    const editor = element.closest(".cm-editor");
    const looks = [element, element.parentElement].map((it) => getComputedStyle(it));
    if (editor) looks.push(getComputedStyle(editor, "::after"));
    // The editor's ring is a border over all of it.
    const isRing = (style, width) => style !== "none" && parseFloat(width) >= 1;
    const isShown = looks.some((it) => isRing(it.outlineStyle, it.outlineWidth))
      || (editor && isRing(looks.at(-1).borderTopStyle, looks.at(-1).borderTopWidth));
    const isNew = !element.hasAttribute("data-walked");
    element.setAttribute("data-walked", "");
    return { what: element.outerHTML.slice(0, 100), isInEditor: editor !== null, isNew, isShown };
  });
  let steps = 0;
  for (let now = await focus(); now === null || now.isNew || steps < 3; now = await focus(), steps++) {
    // The editor draws its ring a moment later.
    const shows = async () => now.isShown || (await focus()).isShown;
    if (now?.isNew && steps > 0) await until(shows, `${now.what} does not show that it has the focus`);
    // Tab indents in the editor; Escape lets it go on.
    if (now?.isInEditor) await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    assert.ok(steps < 200, "it comes back to where it began");
  }
  const missed = await page.evaluate(() => {
    const controls = 'a[href], button, input, select, textarea, summary, [tabindex="0"], [contenteditable="true"]';
    const all = [...document.querySelectorAll(controls)];
    const can = all.filter((it) => it.checkVisibility({ visibilityProperty: true }) && !it.disabled && it.tabIndex >= 0);
    return can.filter((it) => !it.hasAttribute("data-walked")).map((it) => it.outerHTML.slice(0, 100));
  });
  assert.deepEqual(missed, []);
  assert.ok(steps > 25, `${steps} controls`);
  await close();
});

test("changes are announced together and not one by one", async () => {
  const { page, close } = await open();
  await page.evaluate(() => {
    window.said = [];
    const region = document.querySelector(".app > [aria-live=polite]");
    new MutationObserver(() => window.said.push(region.textContent)).observe(region, { subtree: true, childList: true, characterData: true });
  });
  await apply(page, set({ replicas: 8, policy: "Parallel" }));
  await inPhase(page, 7, "ready");
  await page.waitForTimeout(3500);
  const said = await page.evaluate(() => window.said);
  assert.ok(said.length >= 1 && said.length <= 4, said.join(" | "));
  assert.ok(said.some((it) => /(^|; )8 Pod: \w/.test(it)), said.join(" | "));
  await close();
});

test("presenting shows the stage alone, and Escape leaves it", async () => {
  const { page, close } = await running(open, 2);
  await page.getByRole("button", { name: "Present" }).click();
  assert.equal(await page.locator(".manifest").isVisible(), false);
  assert.equal(await page.locator(".stage").isVisible(), true);
  await page.keyboard.press("Escape");
  assert.equal(await page.locator(".manifest").isVisible(), true);
  await close();
});

test("each pane gives its place to the stage, is remembered, and what is selected is shown all the same", async () => {
  const { page, close } = await open();
  await hurry(page);
  await apply(page, set({ replicas: 9, policy: "Parallel" }));
  await inPhase(page, 8, "ready");
  const pane = (name) => page.getByRole("button", { name });
  const place = async () => {
    const { x, y, width, height } = await page.locator(".stage").boundingBox();
    return { x, bottom: y + height, width };
  };
  const before = await place();
  await pane("Show the manifest").click();
  assert.equal(await page.locator(".manifest").isVisible(), false);
  assert.ok((await place()).x < before.x);
  await pane("Show all of the terminals").click();
  assert.ok((await place()).bottom > before.bottom + 100, "a line is left");
  const line = page.getByRole("textbox", { name: "Command line: kubectl" });
  await line.fill("kubectl scale sts/web --replicas=1");
  await line.press("Enter");
  // The last line that was printed stands in the line.
  const box = await page.locator(".commands").boundingBox();
  const said = await page.getByText("statefulset.apps/web scaled").first().boundingBox();
  assert.ok(said.y >= box.y && said.y + said.height <= box.y + box.height + 1);
  const why = page.locator(".closer");
  await pane("Show why").click();
  assert.equal(await why.isVisible(), false);
  const wide = (await place()).width;
  await page.reload();
  await page.getByRole("button", { name: "Scale web up" }).waitFor();
  assert.equal(await page.locator(".manifest").isVisible(), false);
  assert.equal((await place()).width, wide);
  await page.locator('.column[data-ordinal="8"] [role=gridcell]').first().click();
  await why.getByRole("heading", { name: "web-8" }).waitFor();
  const end = () => page.locator('.column[data-ordinal="8"]').evaluate((it) => it.getBoundingClientRect().right);
  await until(async () => await end() <= (await place()).x + (await place()).width, "what was clicked stays in view");
  assert.equal(await pane("Show why").getAttribute("aria-pressed"), "true");
  await pane("Show why").click();
  assert.equal(await why.isVisible(), false, "nothing is selected any more");
  for (const name of ["Show why", "Show all of the terminals", "Show the manifest"]) await pane(name).click();
  assert.deepEqual(await place(), before);
  assert.ok(await page.locator(".cm-content").isVisible());
  await close();
});

test("kubectl can be typed, watches while time passes, and remembers what was typed", async () => {
  const { page, seen, close } = await running(open, 2);
  const line = page.getByRole("textbox", { name: "Command line: kubectl" });
  const type = async (text) => {
    await line.fill(text);
    await line.press("Enter");
  };
  await type("kubectl get pods");
  assert.match(await commands(page).innerText(), /NAME    READY   STATUS    RESTARTS   AGE\nweb-0   1\/1     Running   0 /);
  await type("kubectl get pods -w");
  // By hand is beside the terminal, which the watch has to itself.
  await page.getByRole("button", { name: "Delete pod web-1" }).click();
  await page.waitForFunction(() => /web-1   0\/1     ContainerCreating/.test(document.querySelector(".commands").innerText));
  await line.press("Control+c");
  await type("kubectl frobnicate");
  assert.match(await commands(page).innerText(), /error: unknown command "frobnicate" for "kubectl"/);
  await line.press("ArrowUp");
  await line.press("ArrowUp");
  assert.equal(await line.inputValue(), "kubectl delete pod web-1", "the button's command is there to be learned");
  assert.deepEqual(seen.errors, []);
  await close();
});

test("the shelf follows what happens, unless one points at it", async () => {
  const { page, close } = await open();
  await apply(page, set({ replicas: 20, policy: "Parallel" }));
  await hurry(page);
  await page.locator('[data-ordinal="19"][data-phase="ready"]').waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Scale web down" }).click();
  await inPhase(page, 19, "absent");
  const strip = page.locator(".shelf__columns");
  const isSeen = (ordinal) => column(page, ordinal).evaluate((it) => {
    const [own, outer] = [it.getBoundingClientRect(), it.parentElement.getBoundingClientRect()];
    return own.left >= outer.left - 4 && own.right <= outer.right + 4;
  });
  await until(() => isSeen(19), "it is scrolled to the last column");
  await strip.evaluate((it) => { it.scrollLeft = 0; });
  await strip.hover({ position: { x: 60, y: 20 } });
  await page.locator(".shelf__scale button:last-child").evaluate((it) => it.click());
  await page.locator('[data-ordinal="19"][data-phase="ready"]').waitFor({ state: "attached" });
  assert.ok(await isSeen(0), "it stays where one looks");
  await close();
});

/** A set with two claims a pod, and a Deployment. */
const BOTH = `${set({ replicas: 1 }).trimEnd()}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
  - metadata: {name: logs}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: shop, image: nginx}]}
`;

test("whatever stands on the stage is looked at by a click, and with the keys", async () => {
  const { page, seen, close } = await open();
  await apply(page, BOTH);
  await hurry(page);
  await inPhase(page, 0, "ready");
  await page.locator(".heap__pod .pod--ready").nth(1).waitFor();
  const shown = async (kind, name) => {
    await until(async () => (await closer(page).locator(".closer__kind").textContent()).split(" · ")[0] === kind, kind);
    assert.match(await closer(page).locator("h2").textContent(), name, kind);
  };
  const clicks = [
    [".column .claim >> nth=1 >> .claim__tab", "PersistentVolumeClaim", /^logs-web-0$/],
    [".column .claim >> nth=1 >> .disk", "PersistentVolume", /^pvc-/],
    [".column .claim >> nth=0 >> .claim__tab", "PersistentVolumeClaim", /^data-web-0$/],
    [".column .plate", "Pod", /^web-0$/],
    [".node >> nth=0 >> .node__pods", "Node", /^node-/],
    [".heap__pod >> nth=0 >> .pod__phase", "Pod", /^shop-/],
    [".heap h3 >> text=/ReplicaSet/", "ReplicaSet", /^shop-/],
    [".heap h3 >> text=/Deployment/", "Deployment", /^shop$/],
  ];
  for (const [selector, kind, name] of clicks) {
    await page.locator(selector).first().click();
    await shown(kind, name);
  }
  // With keys the claims' cell goes from each claim and its volume to the next.
  await page.locator(".column [role=gridcell]").nth(1).focus();
  const names = [/^data-web-0$/, /^pvc-/, /^logs-web-0$/, /^pvc-/, /^data-web-0$/];
  for (const [at, name] of names.entries()) {
    await page.keyboard.press("Enter");
    await shown(at % 2 ? "PersistentVolume" : "PersistentVolumeClaim", name);
  }
  assert.deepEqual(seen.errors, []);
  await close();
});

test("whatever is written answers with a pulse: pods, claims, volumes, sets, heaps", async () => {
  const { page, close } = await open();
  // Every element that is touched, by what it is.
  await page.evaluate(() => {
    window.touched = new Set();
    new MutationObserver((all) => {
      for (const { target } of all) {
        if (!["even", "odd"].includes(target.getAttribute("data-touched"))) continue;
        window.touched.add(target.closest("[data-name]").getAttribute("data-name").split("/")[0]);
        const moves = target.getAnimations({ subtree: true }).some((it) => it.animationName?.startsWith("touch-"));
        if (!moves) window.touched.add(`${target.className} does not move`);
      }
    }).observe(document.body, { subtree: true, attributeFilter: ["data-touched"] });
  });
  await apply(page, BOTH);
  await inPhase(page, 0, "ready");
  await page.locator(".heap__pod .pod--ready").nth(1).waitFor();
  await page.getByRole("button", { name: "Scale web up" }).click();
  await inPhase(page, 1, "ready");
  const touched = (await page.evaluate(() => [...window.touched])).sort();
  for (const kind of ["Pod", "PersistentVolumeClaim", "StatefulSet"]) assert.ok(touched.includes(kind), `${kind}: ${touched}`);
  assert.deepEqual(touched.filter((it) => it.includes(" ")), []);
  await close();
});

test("at rest the page asks for no frames; where none come, as behind other tabs, time passes all the same", async () => {
  const { page, close } = await open({}, (page) => page.addInitScript(() => {
    const frame = window.requestAnimationFrame.bind(window);
    window.asked = 0;
    window.areFramesHeld = false;
    window.requestAnimationFrame = (draw) => (window.asked++, window.areFramesHeld ? 0 : frame(draw));
  }));
  const asked = () => page.evaluate(async () => {
    const before = window.asked;
    await new Promise((done) => setTimeout(done, 600));
    return window.asked - before;
  });
  await apply(page, set({ replicas: 1 }));
  assert.ok(await asked() > 10, "time passes");
  await page.getByRole("button", { name: "Pause" }).click();
  await until(async () => await asked() === 0, "it is at rest");
  await page.evaluate(() => { window.areFramesHeld = true; });
  await page.getByRole("button", { name: "Play" }).click();
  await hurry(page);
  await inPhase(page, 0, "ready");
  await close();
});

test("of a wide shelf what comes into view is drawn, whether one scrolls or walks there", async () => {
  const { page, close } = await open();
  await apply(page, set({ replicas: 50, policy: "Parallel" }));
  await hurry(page);
  // Whatever is drawn first stands where it will stand.
  const misplaced = () => page.locator(".shelf__columns").evaluate((strip) => {
    const columns = [...strip.querySelectorAll("[data-ordinal]")];
    const wide = (strip.scrollWidth - 6 + 8) / 50;
    const left = strip.getBoundingClientRect().left + 3 - strip.scrollLeft;
    const off = (it) => Math.abs(it.getBoundingClientRect().left - left - it.dataset.ordinal * wide);
    return columns.filter((it) => off(it) > 2).map((it) => it.dataset.ordinal);
  });
  for (let sample = 0; sample < 15; sample++) {
    assert.deepEqual(await misplaced(), []);
    await page.waitForTimeout(60);
  }
  const ready = page.locator('.column[data-phase="ready"]');
  await until(async () => await ready.count() === 50, "all are there, with their claims", 10_000);
  await page.evaluate(() => {
    window.appeared = 0;
    document.addEventListener("animationstart", (event) => { window.appeared += event.animationName === "appear"; });
  });
  const cards = () => page.locator(".column .pod").count();
  assert.ok(await cards() < 25, `${await cards()} cards`);
  // All names are there for who does not see, with their cells.
  const count = (role) => page.getByRole(role).count();
  await until(async () => await count("row") === 50, "a row for each ordinal");
  const client = await page.context().newCDPSession(page);
  const { nodes } = await client.send("Accessibility.getFullAXTree");
  const rows = nodes.filter((it) => it.role?.value === "row");
  assert.equal(rows.length, 50);
  for (const row of rows) assert.equal(row.childIds.length, 3, row.name.value);
  assert.match(await column(page, 49).getAttribute("aria-label"), /Ready/);
  await page.locator(".shelf__columns").evaluate((strip) => { strip.scrollLeft = strip.scrollWidth / 2; });
  await column(page, 27).locator(".pod").waitFor();
  await column(page, 27).locator(".pod").click();
  await page.keyboard.press("Escape");
  await page.locator(".shelf__columns").focus();
  for (const key of ["ArrowRight", "ArrowDown", "End"]) await page.keyboard.press(key);
  await column(page, 49).locator(".pod").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.closest(".column").dataset.ordinal), "49");
  // What was there already does not appear, neither now nor when its row is written again.
  await page.getByRole("button", { name: "Scale web down by one" }).click();
  await column(page, 49).locator(".plate--off").waitFor();
  await page.waitForTimeout(300);
  assert.equal(await page.evaluate(() => window.appeared), 0);
  await close();
});
