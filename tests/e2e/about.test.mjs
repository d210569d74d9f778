// The About panel: what this is, and every recording that the engine is held to, as the test run left it.

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { stage } from "./stage.mjs";
import { root, site } from "./support.mjs";

const { open } = stage();

const button = (page) => page.getByRole("button", { name: "About" });
const panel = (page) => page.getByRole("dialog", { name: "What this is" });
const rows = (page) => panel(page).locator(".about__list > li");
const files = (await readdir(join(root, "tests/recordings"))).filter((it) => it.endsWith(".json"));

/** Opens the panel by keyboard. */
async function openByKey(page) {
  await button(page).focus();
  await page.keyboard.press("Enter");
  await panel(page).waitFor();
}

/** Answers for the list of recordings with this instead. */
const instead = (answer) => (page) => page.route("**/recordings.json", answer);

test("it is opened by keyboard, lists every recording, and gives the focus back", async () => {
  const { page, seen, close } = await open();
  assert.ok(!seen.requests.some((it) => it.endsWith("recordings.json")), "the list is no part of the first visit");
  await openByKey(page);
  const summary = panel(page).getByText(/recordings of v1\.36\.2 reproduced/);
  const n = files.length;
  assert.match(await summary.innerText(), new RegExp(`^${n} of ${n} recordings of v1\\.36\\.2 reproduced, \\d+\\s\\d{3} facts compared$`));
  assert.equal(await rows(page).count(), n);
  for (const [at, text] of (await rows(page).allInnerTexts()).entries()) {
    const recording = JSON.parse(await readFile(join(root, "tests/recordings", files.sort()[at]), "utf8"));
    assert.ok(text.includes(recording.about), `${text} tells what ${recording.scenario} shows`);
    assert.match(text, new RegExp(`^${recording.scenario}\\s[^]*\\s${recording.steps.length} steps, [\\d\\s]+ facts\\s+✓ reproduced$`));
  }
  const said = await panel(page).innerText();
  for (const word of ["Kubernetes v1.36.2", "StatefulSet controller", "No container really runs", "DaemonSet", "0.7\u00a0s"]) {
    assert.ok(said.includes(word), word);
  }
  // The keys scroll it at once, and Tab stays in it.
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.querySelector(".about__body").scrollTop > 500);
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "hidden" });
  assert.ok(await button(page).evaluate((it) => it === document.activeElement), "the focus is on the button again");
  await openByKey(page);
  await panel(page).getByRole("button", { name: "Close" }).click();
  await panel(page).waitFor({ state: "hidden" });
  assert.ok(await button(page).evaluate((it) => it === document.activeElement));
  assert.equal(seen.requests.filter((it) => it.endsWith("recordings.json")).length, 1, "it is loaded once");
  assert.deepEqual(seen.errors, []);
  assert.deepEqual(seen.foreign, []);
  await close();
});

test("while presenting, Escape closes the panel alone", async () => {
  const { page, close } = await open();
  const isPresenting = () => page.evaluate(() => document.documentElement.hasAttribute("data-present"));
  await page.getByRole("button", { name: "Present" }).click();
  await openByKey(page);
  await page.keyboard.press("Escape");
  await panel(page).waitFor({ state: "hidden" });
  assert.equal(await isPresenting(), true);
  await page.keyboard.press("Escape");
  assert.equal(await isPresenting(), false);
  await close();
});

test("a list that cannot be had is a fault that says so, and trying again mends it", async () => {
  for (const answer of [(route) => route.abort(), (route) => route.fulfill({ body: "<!doctype html>" })]) {
    const { page, close } = await open({}, instead(answer));
    await openByKey(page);
    await panel(page).getByText("could not be loaded").waitFor();
    assert.equal(await rows(page).count(), 0);
    await page.unroute("**/recordings.json");
    await panel(page).getByRole("button", { name: "Try again" }).click();
    await rows(page).first().waitFor();
    assert.equal(await rows(page).count(), files.length);
    await close();
  }
});

test("a recording that is not reproduced is marked, with the first difference", async () => {
  const proof = JSON.parse(await readFile(join(site, "recordings.json"), "utf8"));
  proof.recordings[1] = { ...proof.recordings[1], reproduced: false, difference: 'state of pod/web-0: phase is "Running", recorded "Lost"' };
  proof.reproduced -= 1;
  const { page, close } = await open({}, instead((route) => route.fulfill({ json: proof })));
  await openByKey(page);
  await panel(page).getByText(`${files.length - 1} of ${files.length} recordings`).waitFor();
  assert.match(await rows(page).nth(1).innerText(), /phase is "Running", recorded "Lost"[^]*✗ not reproduced/);
  assert.equal(await panel(page).getByText("✗ not reproduced").count(), 1);
  await close();
});
