// What every state must look like: no axe violation, and no text that leaves its shape or lies on another.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "./stage.mjs";
import { settle, states } from "./states.mjs";
import { apply, axeFaults, inPhase, set } from "./support.mjs";

const { open } = stage();

/** Texts that leave their shape, are cut where they must not be, or lie on another text. */
function faults() {
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility === "visible";
  };
  const out = [];
  const name = (element) => `${element.className || element.tagName} "${element.textContent.trim().slice(0, 40)}"`;
  // Nothing is wider than the page.
  if (document.documentElement.scrollWidth > window.innerWidth) out.push(`the page is ${document.documentElement.scrollWidth} wide`);
  // Names are whole, and no text leaves its shape.
  const whole = ".plate b, .pod__phase, .node > span:first-child, .shelf__name, .pill, .top__brand, .button, .capsule";
  for (const element of document.querySelectorAll(whole)) {
    if (shown(element) && element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display !== "inline") {
      out.push(`cut: ${name(element)}`);
    }
  }
  for (const shape of document.querySelectorAll(".column, .heap, .pod, .plate, .claim__tab, .disk, .node, .capsule, .button, .deed")) {
    const outer = shape.getBoundingClientRect();
    for (const inner of shape.querySelectorAll("*")) {
      const box = inner.getBoundingClientRect();
      if (!shown(inner) || !inner.textContent.trim()) continue;
      // What the shape itself cuts with an ellipsis does not leave it.
      const clipped = getComputedStyle(shape).overflow !== "visible" || getComputedStyle(inner.parentElement).overflow !== "visible";
      if (!clipped && (box.right > outer.right + 1 || box.bottom > outer.bottom + 1 || box.left < outer.left - 1)) {
        out.push(`leaves its shape: ${name(inner)} in ${name(shape)}`);
      }
    }
  }
  // The parts of a column and of a pod do not overlap.
  const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
  for (const group of document.querySelectorAll(".column, .pod, .shelf__head, .time, .top, .claims")) {
    const children = [...group.children].filter((it) => shown(it) && it.textContent.trim() && !it.matches(".hidden"));
    for (const [at, child] of children.entries()) {
      for (const other of children.slice(at + 1)) {
        if (overlap(child.getBoundingClientRect(), other.getBoundingClientRect())) out.push(`overlap: ${name(child)} and ${name(other)}`);
      }
    }
  }
  return out;
}

/** The faults that are still there when all has found its new size: the editor measures itself a moment later. */
async function lasting(page) {
  let found = await page.evaluate(faults);
  for (let wait = 0; wait < 5 && found.length > 0; wait++) {
    await page.waitForTimeout(200);
    found = await page.evaluate(faults);
  }
  return [...new Set(found)].slice(0, 5);
}

const sizes = {
  desk: [1440, 900], laptop: [1100, 800], tablet: [900, 1100], projector: [1920, 1080], phone: [390, 844], narrow: [360, 740], "4K": [3840, 2160],
};

/** At which sizes axe looks too: the panes stand differently. */
const withAxe = new Set(["desk", "phone"]);

for (const colorScheme of ["light", "dark"]) {
  test(`every state, ${colorScheme}: no axe violation, and every text in its place at every size`, async () => {
    const { page, seen, close } = await open({ colorScheme });
    const found = [];
    for (const [state, reach] of Object.entries(states)) {
      await reach(page);
      await settle(page);
      for (const [size, [width, height]] of Object.entries(sizes)) {
        await page.setViewportSize({ width, height });
        if (withAxe.has(size)) for (const fault of await axeFaults(page)) found.push(`${state} at ${size}: ${fault}`);
        for (const fault of await lasting(page)) found.push(`${state} at ${size}: ${fault}`);
      }
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    assert.deepEqual(found, []);
    assert.deepEqual(seen.errors, []);
    assert.deepEqual(seen.foreign, []);
    await close();
  });
}

test("who wants less motion gets the same scenes in steps", async () => {
  const { page, close } = await open({ reducedMotion: "reduce" });
  await apply(page, set({ replicas: 1 }));
  await inPhase(page, 0, "creating");
  const running = await page.evaluate(() => document.getAnimations().filter((it) => it.effect.getTiming().duration > 0).length);
  assert.equal(running, 0);
  await inPhase(page, 0, "ready");
  await close();
});
