// The user's day on the built page.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { stage } from "./stage.mjs";
import { apply, column, hurry, inPhase, manifestText, root, until } from "./support.mjs";

const { open } = stage();

const manifest = (name) => readFile(join(root, "tests/manifests", name), "utf8");
const claimOf = (page, ordinal) => column(page, ordinal).locator(".claim .disk").getAttribute("title");

test("a set comes up in order, is scaled, and a deleted pod comes back with its claim", async () => {
  const { page, seen, close } = await open();
  assert.equal(await apply(page, await manifest("seed-002-1.yaml")), "service/nginx created\nstatefulset.apps/web created");
  // web-0 is Ready while web-1 is not there or not Ready; only then web-1.
  await inPhase(page, 0, "ready");
  assert.notEqual(await column(page, 1).getAttribute("data-phase"), "ready");
  await inPhase(page, 1, "ready");
  await hurry(page);
  await page.getByRole("button", { name: "Scale web up" }).click();
  await inPhase(page, 2, "ready");
  const disk = await claimOf(page, 1);
  assert.match(disk, /^pvc-/);
  await page.getByRole("button", { name: "Delete pod web-1" }).click();
  await inPhase(page, 1, "terminating");
  await inPhase(page, 1, "ready");
  assert.match(await column(page, 1).innerText(), /2nd life/);
  assert.equal(await claimOf(page, 1), disk);
  assert.deepEqual(seen.errors, []);
  assert.deepEqual(seen.foreign, []);
  await close();
});

test("every manifest of the seeds can be applied, or is refused in kubectl's words", async () => {
  const { page, seen, close } = await open();
  await hurry(page);
  const parsing = /^error: error parsing web\.yaml: error converting YAML to JSON: yaml: line \d+: /;
  const answers = [
    [["seed-000-1.yaml", parsing]],
    [["seed-000-2.yaml", parsing]],
    [["seed-001-1.yaml", "service/kubia created"], ["seed-001-2.yaml", "statefulset.apps/kubia created"],
      ["seed-001-3.yaml", "service/kubia-public created"]],
    [["seed-002-1.yaml", "service/nginx created\nstatefulset.apps/web created"]],
    [["seed-003-1.yaml", "service/nginx created\nstatefulset.apps/web created"]],
    [["seed-004-1.yaml", "statefulset.apps/web created"], ["seed-004-2.yaml", "service/nginx created"]],
  ];
  for (const seed of answers) {
    for (const [name, answer] of seed) {
      const printed = await apply(page, await manifest(name));
      if (answer === parsing) assert.match(printed, answer, name);
      else assert.equal(printed, answer, name);
    }
    if (seed[0][1] !== parsing) {
      const set = await page.locator(".shelf").getAttribute("aria-label");
      await inPhase(page, 1, "ready", set);
    }
    await page.getByRole("button", { name: "Start again" }).click();
    await page.locator(".stage__empty").waitFor();
  }
  assert.deepEqual(seen.errors, []);
  await close();
});

test("time can be stopped, stepped and started again, and the image set", async () => {
  const { page, seen, close } = await open();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Apply" }).click();
  const thought = page.locator(".thought");
  const words = new Set();
  for (let count = 0; count < 12; count++) {
    await page.getByRole("button", { name: "Step to the next record" }).click();
    words.add(await thought.innerText());
  }
  assert.ok(words.size >= 6, `each step shows another deed: ${[...words].join("; ")}`);
  const stopped = await page.getByRole("timer").innerText();
  await page.waitForTimeout(300);
  assert.equal(await page.getByRole("timer").innerText(), stopped);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await hurry(page);
  await inPhase(page, 2, "ready");
  await page.getByRole("textbox", { name: "image of nginx" }).fill("nginx:1.28");
  await page.getByRole("combobox", { name: "Speed" }).selectOption("200");
  await page.getByRole("button", { name: "Set image" }).click();
  await inPhase(page, 2, "terminating");
  await inPhase(page, 0, "terminating");
  await inPhase(page, 0, "ready");
  assert.match(await page.locator(".commands").innerText(), /set image statefulset\/web nginx=nginx:1\.28/);
  assert.deepEqual(seen.errors, []);
  await close();
});

test("whatever stands in the pane is answered, and it is still there", async () => {
  const { page, seen, close } = await open();
  const texts = ["", "[", "kind: Frob\napiVersion: v1\nmetadata: {name: x}", "\u{1F600}: *x", "a".repeat(20_000), "{\"a\":", "- ".repeat(500)];
  for (const text of texts) {
    assert.match(await apply(page, text), /\S/);
    assert.equal(await manifestText(page), text);
  }
  assert.deepEqual(seen.errors, []);
  await close();
});

test("what nobody acts on is marked with its line", async () => {
  const { page, close } = await open();
  await apply(page, await manifest("probes.yaml"));
  await page.getByText(/kept and not acted on/).click();
  const marks = await page.locator(".inert li").allInnerTexts();
  assert.ok(marks.some((it) => it.includes("spec.template.spec.containers[0].readinessProbe.httpGet line 17")), marks.join("; "));
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`a person's whole day, ${colorScheme}`, async () => {
    const { page, seen, close } = await open({ colorScheme });
    const text = await manifest("seed-002-1.yaml");
    const scale = async (way, times) => {
      for (let count = 0; count < times; count++) await page.getByRole("button", { name: `Scale web ${way}` }).click();
    };
    await apply(page, text);
    await page.getByRole("combobox", { name: "Speed" }).selectOption("400");
    await inPhase(page, 1, "ready");
    await scale("up", 3);
    await inPhase(page, 4, "ready");
    const claim = await claimOf(page, 1);
    await page.getByRole("button", { name: "Delete pod web-1" }).click();
    await column(page, 1).getByText("2nd life").waitFor();
    await inPhase(page, 1, "ready");
    assert.equal(await claimOf(page, 1), claim);
    await scale("down", 4);
    await inPhase(page, 1, "absent");
    assert.match(await column(page, 4).innerText(), /scaled away/);
    assert.equal(await claimOf(page, 1), claim, "what is scaled away keeps its claim");
    await scale("up", 2);
    await inPhase(page, 2, "ready");
    assert.equal(await claimOf(page, 1), claim);
    // The image changes from the highest ordinal down.
    await page.getByRole("combobox", { name: "Speed" }).selectOption("100");
    await page.getByRole("textbox", { name: "image of nginx" }).fill("nginx:1.28");
    await page.getByRole("button", { name: "Set image" }).click();
    for (const ordinal of [2, 1, 0]) {
      await inPhase(page, ordinal, "terminating");
      for (let lower = 0; lower < ordinal; lower++) {
        assert.equal(await column(page, lower).getAttribute("data-phase"), "ready", `web-${lower} waits for web-${ordinal}`);
      }
    }
    await inPhase(page, 0, "ready");
    assert.match(await apply(page, text.replace("kind: StatefulSet", "kind: StatefulSett")), /no matches for kind "StatefulSett"/);
    await page.getByRole("button", { name: "Fix" }).click();
    await page.waitForFunction((text) => document.querySelector("manifest-editor textarea").value === text, text);
    await page.getByRole("button", { name: "Pause" }).click();
    const before = await page.locator(".shelf").innerText();
    await page.waitForTimeout(1200);
    await page.reload();
    await page.getByRole("button", { name: "Play", exact: true }).waitFor();
    await until(async () => await page.locator(".shelf").innerText() === before, "the shelf is as it was");
    assert.equal(await manifestText(page), text);
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(seen.foreign, []);
    await close();
  });
}
