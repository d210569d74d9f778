// The manifest pane: the editor, what is wrong, what Apply would do, what is kept and what is taken out.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { stage } from "./stage.mjs";
import { apply, column, hurry, inPhase, manifestText, set, start } from "./support.mjs";

const { open } = stage();

const field = (page) => page.getByRole("textbox", { name: /^Manifest/ });
const problems = (page) => page.locator(".problems li");

test("a broken manifest gets a list of its faults, each with place, way out, and a fix where there is only one", async () => {
  const { page, seen, close } = await open();
  await start(page, "seed-000-set.yaml");
  await problems(page).nth(5).waitFor();
  const texts = await problems(page).allInnerTexts();
  assert.equal(texts.length, 6, texts.join("\n--\n"));
  assert.ok(texts.every((it) => /^line \d+, column \d+/.test(it)), texts.join("\n--\n"));
  await page.locator(".cm-lintRange-error, .cm-lint-marker-error").first().waitFor();
  // One click after the other mends all that has only one way out.
  for (let count = 0; count < 5; count++) {
    const before = await manifestText(page);
    await page.getByRole("button", { name: "Fix" }).first().click();
    await page.waitForFunction((before) => document.querySelector("manifest-editor textarea").value !== before, before);
  }
  assert.equal(await problems(page).count(), 1);
  assert.match(await problems(page).innerText(), /unknown field "spec\.template\.spec\.volumeMounts"[^]*containers/);
  assert.deepEqual(seen.errors, []);
  await close();
});

test("what would change is shown before it is applied, and what may not change is marked", async () => {
  const { page, close } = await open();
  await apply(page, set({ replicas: 2 }));
  await field(page).fill(set({ replicas: 4 }).replace("OrderedReady", "Parallel"));
  await page.locator(".changes del").first().waitFor();
  const text = await page.locator(".changes").innerText();
  assert.match(text, /change StatefulSet web/);
  assert.match(text, /spec\.replicas\n−2\n\+4/);
  assert.match(text, /spec\.podManagementPolicy\s*may not be changed/);
  assert.match(await problems(page).innerText(), /line 7, [^]*Forbidden: updates to statefulset spec/);
  await page.getByRole("button", { name: "Apply" }).click();
  assert.match(await page.locator(".answer--refused").innerText(), /^The StatefulSet "web" is invalid: spec: Forbidden/);
  await close();
});

test("the editor has highlighting, undo and search, and Tab can be escaped", async () => {
  const { page, close } = await open();
  await page.locator(".yaml-key").first().waitFor();
  await field(page).fill("a: 1");
  await field(page).press("End");
  await page.keyboard.type("2");
  assert.equal(await manifestText(page), "a: 12");
  await page.keyboard.press("Control+z");
  assert.notEqual(await manifestText(page), "a: 12");
  await page.keyboard.press("Control+f");
  await page.locator(".cm-search").waitFor();
  // The editor's own words are messages too.
  assert.match(await page.locator(".cm-search").innerText(), /Regular expression/);
  // The list of starting manifests opens above the search.
  await page.getByText("Start from").click();
  await page.locator('[data-starter="first.yaml"]').click({ trial: true, timeout: 3000 });
  await page.keyboard.press("Escape");
  await page.getByRole("textbox", { name: "Find" }).focus();
  await page.keyboard.press("Escape");
  await field(page).focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.equal(await field(page).evaluate((it) => it.contains(document.activeElement)), false);
  await close();
});

test("without the editor the plain text field does it all", async () => {
  const { page, close } = await open({ withoutEditor: true }, (page) => page.route("**/editor.js", (route) => route.abort()));
  const plain = page.locator("textarea.manifest__text");
  await plain.fill(set({ replicas: 1 }).replace("replicas", "replica"));
  await page.getByRole("button", { name: "Fix" }).click();
  assert.equal(await plain.inputValue(), set({ replicas: 1 }));
  await plain.press("Control+Enter");
  assert.match(await page.locator(".answer").innerText(), /^statefulset\.apps\/web created/);
  await close();
});

test("a reload finds all as it was, and starting again can be taken back", async () => {
  const { page, seen, close } = await open();
  await apply(page, set({ replicas: 2 }));
  await hurry(page);
  await inPhase(page, 1, "ready");
  await page.getByRole("button", { name: "Delete pod web-1" }).click();
  const reborn = column(page, 1).filter({ hasText: "2nd life" }).and(page.locator('[data-phase="ready"]'));
  await reborn.waitFor();
  await field(page).fill("# half written");
  await page.getByRole("button", { name: "Pause" }).click();
  const look = async () => ({
    clock: await page.getByRole("timer").innerText(),
    shelf: await page.locator(".shelf").innerText(),
    commands: await page.locator(".commands").innerText(),
    manifest: await manifestText(page),
  });
  const before = await look();
  await page.waitForTimeout(1500);
  await page.reload();
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  await reborn.waitFor();
  const after = await look();
  assert.deepEqual(after, before);
  assert.match(after.shelf, /2nd life/);
  await page.getByRole("button", { name: "Start again" }).click();
  await page.locator(".stage__empty").waitFor();
  await page.getByRole("button", { name: "Take back" }).click();
  await reborn.waitFor();
  assert.deepEqual(seen.errors, []);
  await close();
});

test("where the browser keeps nothing, the page works and says so", async () => {
  const { page, close } = await open({}, (page) => page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });
  }));
  await page.getByText("The browser keeps nothing for this page").waitFor();
  await page.getByRole("button", { name: "Apply" }).click();
  await inPhase(page, 0, "ready");
  await close();
});

test("a run that cannot be brought back is said, and the manifest is there", async () => {
  const { page, close } = await open({}, (page) => page.addInitScript(() => {
    localStorage.setItem("ordinal.manifest", "# mine");
    localStorage.setItem("ordinal.run", "at 5\nseed x\n");
  }));
  await page.getByText("could not be brought back").waitFor();
  assert.equal(await manifestText(page), "# mine");
  assert.equal(await page.evaluate(() => localStorage.getItem("ordinal.unread")), "at 5\nseed x\n");
  await close();
});

test("manifest and commands can be taken out to a real cluster", async () => {
  const { page, close } = await open();
  await apply(page, set({ replicas: 1 }));
  await page.getByRole("button", { name: "Scale web up" }).click();
  const saved = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return [download.suggestedFilename(), await readFile(await download.path(), "utf8")];
  };
  assert.deepEqual(await saved("Save manifest"), ["web.yaml", set({ replicas: 1 })]);
  const [name, script] = await saved("Save as shell script");
  assert.equal(name, "ordinal.sh");
  assert.match(script, /^#!\/bin\/sh\n/);
  assert.match(script, /cat > web\.yaml <<'EOF'\napiVersion[^]*\nEOF\nkubectl apply -f web\.yaml\n/);
  assert.match(script, /kubectl scale statefulset web --replicas=2\n$/);
  await close();
});
