// What the page costs the browser while pods move: from a trace of Chromium.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "./stage.mjs";
import { apply, set } from "./support.mjs";

const { open } = stage();

/** How long the page may work for one frame, in milliseconds: 95 of 100 frames, by how often the processor is slowed. */
const FRAME_MS = { 1: 8, 4: 16 };
/**
 * What the frames of a slowed processor are allowed on a machine that is slow itself just now: so many times what they
 * take unslowed in the same run.
 */
const SLOWED_RATIO = 5;
/** But never more than this. It may only fall. */
const SLOWED_MOST_MS = 22;
/** How often it is measured until it holds. */
const TRIES = 4;
/** How long a click may go unanswered with 1 000 pods. */
const CLICK_MS = 100;

/** The page's own work: its code, and what the browser does because of it. */
const WORK = new Set([
  "TimerFire", "FireAnimationFrame", "EventDispatch", "FunctionCall", "RunMicrotasks", "ParseHTML",
  "UpdateLayoutTree", "Layout", "PrePaint", "Paint", "Layerize",
]);

/** Traces the page for some seconds; answers with the work for each frame in which there was any. */
async function frames(page, seconds) {
  const client = await page.context().newCDPSession(page);
  const events = [];
  client.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await client.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel", "devtools.timeline"] },
  });
  await page.waitForTimeout(seconds * 1000);
  const done = new Promise((resolve) => client.once("Tracing.tracingComplete", resolve));
  await client.send("Tracing.end");
  await done;
  // The thread on which the page's timers fire is its main thread.
  const timer = events.find((it) => it.name === "TimerFire");
  const own = events.filter((it) => it.pid === timer.pid && it.tid === timer.tid);
  // A frame is what the page does until it hands the picture over.
  const pictures = own.filter((it) => it.name === "Layerize").map((it) => it.ts).sort((a, b) => a - b);
  const work = new Map();
  let end = 0;
  for (const event of own.filter((it) => WORK.has(it.name) && it.dur).sort((a, b) => a.ts - b.ts)) {
    // What happens inside of something that is counted is counted with it.
    if (event.ts < end) continue;
    end = event.ts + event.dur;
    const frame = pictures.findIndex((ts) => ts >= event.ts);
    work.set(frame, (work.get(frame) ?? 0) + event.dur / 1000);
  }
  return [...work.values()].sort((a, b) => a - b);
}

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** A set of 50, all of whose pods are Ready. */
async function fifty(page) {
  await apply(page, set({ replicas: 50, policy: "Parallel" }));
  await page.locator('[data-ordinal="49"][data-phase="ready"]').waitFor({ state: "attached" });
}

/** What makes pods move: all of them at once, or one after the other. */
const MOVES = {
  "brought up": async (page) => {
    await page.getByRole("textbox", { name: /^Manifest/ }).fill(set({ replicas: 50, policy: "Parallel" }));
    return () => page.getByRole("button", { name: "Apply" }).click();
  },
  "deleted and made anew": async (page) => {
    await fifty(page);
    const line = page.getByRole("textbox", { name: "Command line: kubectl" });
    await line.fill("kubectl delete pod --all --wait=false");
    return () => line.press("Enter");
  },
  "rolled to another image": async (page) => {
    await fifty(page);
    await page.getByRole("textbox", { name: "image of web" }).fill("nginx:1.28");
    return () => page.getByRole("button", { name: "Set image" }).click();
  },
};

/** What 95 of 100 frames took unslowed, by what moved the pods. */
const unslowed = new Map();

for (const [move, rate] of [
  ["brought up", 1],
  ["deleted and made anew", 1],
  ["rolled to another image", 1],
  ["brought up", 4],
  ["deleted and made anew", 4],
  ["rolled to another image", 4],
]) {
  test(`with 50 pods being ${move} a frame takes at most ${FRAME_MS[rate]} ms, slowed ${rate} times`, async () => {
    const slowed = Math.min(SLOWED_MOST_MS, SLOWED_RATIO * unslowed.get(move));
    const allowed = rate === 1 ? FRAME_MS[rate] : Math.max(FRAME_MS[rate], slowed);
    let best = Infinity;
    // Whatever else the machine does only adds to the time: the best of some tries is nearest to the page's own.
    for (let attempt = 0; attempt < TRIES && best > FRAME_MS[rate]; attempt++) {
      const { page, close } = await open();
      const begin = await MOVES[move](page);
      const client = await page.context().newCDPSession(page);
      await client.send("Emulation.setCPUThrottlingRate", { rate });
      await begin();
      await page.waitForTimeout(500);
      const work = await frames(page, 6);
      const [half, most, worst] = [0.5, 0.95, 1].map((it) => percentile(work, it).toFixed(1));
      console.log(`${work.length} frames: half within ${half} ms, 95 % within ${most} ms, the longest ${worst} ms`);
      assert.ok(work.length > 50, `${work.length} frames`);
      best = Math.min(best, percentile(work, 0.95));
      await close();
    }
    if (rate === 1) unslowed.set(move, best);
    assert.ok(best <= allowed, `${best.toFixed(1)} ms of ${allowed.toFixed(1)}`);
  });
}

test(`with 1 000 pods a click is answered within ${CLICK_MS} ms`, async () => {
  let best = Infinity;
  for (let attempt = 0; attempt < TRIES && best > CLICK_MS; attempt++) best = Math.min(best, await worstAnswer());
  assert.ok(best <= CLICK_MS, `${best.toFixed(0)} ms`);
});

/** The longest that one of some clicks goes unanswered while 1 000 pods come up. */
async function worstAnswer() {
  const { page, close } = await open();
  await apply(page, set({ replicas: 1000, policy: "Parallel" }));
  await page.locator('.capsule[data-ordinal="999"]:not([data-look="absent"])').waitFor({ timeout: 60_000 });
  await page.waitForTimeout(2000);
  const waited = [];
  for (let ordinal = 100; ordinal < 1000; ordinal += 100) {
    waited.push(await page.evaluate(async (ordinal) => {
      const capsule = document.querySelector(`.capsule[data-ordinal="${ordinal}"]`);
      const from = performance.now();
      // The click waits in the queue like a person's, behind whatever the page does just now.
      await new Promise((done) => setTimeout(done));
      capsule.click();
      const column = () => document.querySelector(`.column[data-ordinal="${ordinal}"]`);
      while (!column()) await new Promise((done) => requestAnimationFrame(done));
      return performance.now() - from;
    }, ordinal));
    await page.waitForTimeout(130);
  }
  // What reaches the cluster, and what looks closer.
  const shown = [
    [".shelf__scale button:last-child", () => document.querySelector(".shelf__scale output").textContent],
    [".column [role=rowheader]", () => document.querySelector(".closer h2").textContent],
  ];
  for (const [selector, read] of shown) {
    waited.push(await page.evaluate(async ([selector, source]) => {
      const read = new Function(`return (${source})()`);
      const before = read();
      const from = performance.now();
      await new Promise((done) => setTimeout(done));
      document.querySelector(selector).click();
      while (read() === before) await new Promise((done) => requestAnimationFrame(done));
      return performance.now() - from;
    }, [selector, read.toString()]));
    await page.waitForTimeout(300);
  }
  const worst = Math.max(...waited);
  console.log(`answers to clicks: ${waited.map((it) => it.toFixed(0)).join(", ")} ms`);
  await close();
  return worst;
}
