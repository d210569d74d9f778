// When the program breaks, the manifest and the log of actions are kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "./stage.mjs";
import { apply, axeFaults } from "./support.mjs";

const { open } = stage();

test("a break is shown with the manifest and the log, which can be copied, and the page starts again", async () => {
  const { page, seen, close } = await open({ permissions: ["clipboard-read", "clipboard-write"] });
  await apply(page, "kind: Pod\n# mine");
  // The program relies on the browser to copy its templates; a browser that does not is beyond its means.
  await page.evaluate(() => {
    Node.prototype.cloneNode = () => { throw new Error("no more nodes"); };
  });
  await page.getByRole("textbox", { name: /^Manifest/ }).press("Control+Enter");
  await page.getByRole("heading", { name: "Ordinal has broken" }).waitFor();
  assert.deepEqual(await axeFaults(page), []);
  const text = await page.locator("main.broken").innerText();
  assert.match(text, /kind: Pod\n# mine/);
  assert.match(text, /\$ kubectl apply -f web\.yaml/);
  await page.getByRole("button", { name: "Copy all of it" }).click();
  await page.getByText("Copied.").waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /# mine/);
  assert.ok(seen.errors.length > 0, "it says on the console that it broke");
  await page.getByRole("button", { name: "Start again" }).click();
  await page.getByRole("button", { name: "Apply" }).waitFor();
  assert.doesNotMatch(await page.locator(".commands").innerText(), /kubectl apply/, "the run that broke it is not done again");
  await close();
});
