// What the first visit costs on the wire, and what comes after it when it is asked for.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync, constants } from "node:zlib";
import { stage } from "./stage.mjs";
import { inPhase, site } from "./support.mjs";

/** What the first visit may cost: everything that is loaded before the editor. */
const BUDGET_KB = 250;
/** What is loaded when the page is drawn already. */
const LAZY = new Set(["editor.js"]);
/** The cluster's code, which the page is drawn without. */
const CLUSTER = /^ordinal-cluster-/;

const { open, url: served } = stage();

function brotli(body) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  return brotliCompressSync(body, { params }).length;
}

/** Everything that was asked for so far, with its size in KB. */
async function loaded(seen) {
  const paths = [...new Set(seen.requests)].map((url) => url.slice(served().length) || "index.html");
  return Promise.all(paths.map(async (path) => [path, brotli(await readFile(join(site, path))) / 1000]));
}

test(`the first visit loads at most ${BUDGET_KB} KB, brotli-compressed`, async () => {
  const { page, seen, close } = await open();
  await page.waitForLoadState("networkidle");
  // Time passes, and nothing more is fetched for it.
  await page.getByRole("timer").filter({ hasText: "0:03" }).waitFor();
  const visit = await loaded(seen);
  for (const [path, size] of visit) console.log(`${size.toFixed(1).padStart(7)} KB  ${path}`);
  const before = visit.filter(([path]) => !LAZY.has(path));
  assert.ok(before.length < visit.length, "the editor is loaded by itself");
  assert.ok(before.some(([path]) => path.endsWith(".wasm")), "the program was loaded");
  const total = before.reduce((sum, [, size]) => sum + size, 0);
  console.log(`${total.toFixed(1).padStart(7)} KB  before the lazily loaded editor, of ${BUDGET_KB} KB`);
  assert.ok(total <= BUDGET_KB, `${total.toFixed(1)} KB`);

  // What the first Apply fetches.
  await page.getByRole("button", { name: "Apply" }).click();
  await inPhase(page, 0, "ready");
  const later = (await loaded(seen)).filter(([path]) => !visit.some(([known]) => known === path));
  for (const [path, size] of later) console.log(`${size.toFixed(1).padStart(7)} KB  ${path}, with the first deed`);
  assert.deepEqual(later.map(([path]) => CLUSTER.test(path)), [true]);
  assert.deepEqual(seen.errors, []);
  await close();
});

test("when the cluster's code cannot be fetched, that is said, nothing is lost, and it can be tried again", async () => {
  let refused = 0;
  const { page, close } = await open({}, async (page) => {
    await page.route(/ordinal-cluster-/, (route) => (refused++ ? route.continue() : route.abort()));
  });
  const text = "# mine\n";
  await page.getByRole("textbox", { name: /^Manifest/ }).fill(text);
  await page.getByText("The simulation could not be loaded").waitFor();
  assert.equal(await page.locator("manifest-editor textarea").inputValue(), text);
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.locator(".answer").getByText("no objects passed to apply").waitFor();
  assert.equal(await page.locator("manifest-editor textarea").inputValue(), text);
  assert.ok(refused > 1);
  await close();
});

test("what is done while the cluster's code is on its way is done when it is there, in its order", async () => {
  let let_go;
  const { page, seen, close } = await open({}, async (page) => {
    await page.route(/ordinal-cluster-/, (route) => { let_go = () => route.continue(); });
  });
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("Starting the cluster").waitFor();
  await page.getByRole("textbox", { name: "Command line: kubectl" }).fill("kubectl scale statefulset web --replicas=1");
  await page.keyboard.press("Enter");
  let_go();
  await page.getByText("statefulset.apps/web scaled").waitFor();
  await inPhase(page, 0, "ready");
  assert.equal(await page.locator('section[aria-label="web"] [data-ordinal="1"]').count(), 0);
  assert.deepEqual(seen.errors, []);
  await close();
});
