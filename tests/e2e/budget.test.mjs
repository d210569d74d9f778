// What the first visit costs on the wire.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync, constants } from "node:zlib";
import { stage } from "./stage.mjs";
import { site } from "./support.mjs";

/** What the first visit shall cost. */
const GOAL_KB = 250;
/** What it may cost today, because the goal is not reached yet. */
const BUDGET_KB = 740;

const { open, url: served } = stage();

function brotli(body) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: body.length };
  return brotliCompressSync(body, { params }).length;
}

/** What is loaded when the page is drawn already. */
const LAZY = new Set(["editor.js"]);

test(`the first visit loads at most ${BUDGET_KB} KB, brotli-compressed`, async () => {
  const { page, seen, close } = await open();
  await page.waitForLoadState("networkidle");
  const paths = [...new Set(seen.requests)].map((url) => url.slice(served().length) || "index.html");
  let total = 0;
  for (const path of paths) {
    const size = brotli(await readFile(join(site, path)));
    if (!LAZY.has(path)) total += size;
    console.log(`${(size / 1000).toFixed(1).padStart(7)} KB  ${path}`);
  }
  console.log(`${(total / 1000).toFixed(1).padStart(7)} KB  before the lazily loaded editor, of ${BUDGET_KB} KB; the goal is ${GOAL_KB} KB`);
  await close();
  assert.ok(total <= BUDGET_KB * 1000, `${(total / 1000).toFixed(1)} KB`);
});
