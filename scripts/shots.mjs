// Takes screenshots of the built page at rest and in the middle of things, in both themes and three sizes.
//
//   node scripts/shots.mjs [folder]     default: tests/e2e/shots

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { apply, hurry, inPhase, launch, open, root, serve, set, start } from "../tests/e2e/support.mjs";

const folder = process.argv[2] ?? join(root, "tests/e2e/shots");
const sizes = { desk: [1440, 900], projector: [1920, 1080], phone: [390, 844] };

/** The states, each going on from the one before. */
const states = {
  async empty() {},
  async starting(page) {
    await page.getByRole("button", { name: "Apply" }).click();
    await hurry(page);
    await inPhase(page, 1, "creating");
    await pause(page);
  },
  async rolling(page) {
    await play(page);
    await inPhase(page, 2, "ready");
    await page.getByRole("button", { name: "Scale web up" }).click();
    await inPhase(page, 3, "ready");
    await page.getByRole("button", { name: "Scale web down" }).click();
    await inPhase(page, 3, "absent");
    await page.getByRole("textbox", { name: "image of nginx" }).fill("nginx:1.28");
    await page.getByRole("combobox", { name: "Speed" }).selectOption("200");
    await page.getByRole("button", { name: "Set image" }).click();
    await inPhase(page, 1, "terminating");
    await pause(page);
  },
  async looking(page) {
    await page.locator('.column[data-ordinal="1"] [role=gridcell]').first().click();
    await page.locator(".closer__deeds").waitFor();
  },
  async lost(page) {
    await page.getByRole("button", { name: "Look at Node node-b" }).first().click();
    await hurry(page);
    await page.getByRole("button", { name: /^Silence/ }).click();
    await play(page);
    await page.locator(".node--lost").waitFor({ timeout: 60_000 });
    await pause(page);
  },
  async pending(page) {
    await again(page, "no-class.yaml", "fast-ssd");
    await page.getByText("there is no StorageClass fast-ssd").first().waitFor();
  },
  async broken(page) {
    await again(page, "seed-000-set.yaml", "kubia-pet");
    await page.locator(".problems li").nth(5).waitFor();
  },
  async fifty(page) {
    await apply(page, set({ replicas: 50, policy: "Parallel" }));
    await page.locator('[data-ordinal="20"][data-phase="ready"]').waitFor({ state: "attached" });
    await page.waitForTimeout(500);
  },
  async thousand(page) {
    await page.getByRole("button", { name: "Start again" }).click();
    await apply(page, set({ replicas: 1000, policy: "Parallel" }));
    await page.locator('.capsule[data-ordinal="100"][data-look="ready"]').waitFor({ timeout: 60_000 });
    await page.locator('.capsule[data-ordinal="40"]').click();
    await page.locator('.column[data-ordinal="40"]').waitFor();
  },
};

const pause = (page) => page.getByRole("button", { name: "Pause" }).click();

async function play(page) {
  const button = page.getByRole("button", { name: "Play", exact: true });
  if (await button.count()) await button.click();
}

/** A new cluster and a starting manifest. */
async function again(page, file, text) {
  await page.getByRole("button", { name: "Start again" }).click();
  await play(page);
  await start(page, file);
  await page.locator(".cm-content").getByText(text).first().waitFor();
  await page.getByRole("button", { name: "Apply" }).click();
}

await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
for (const [size, [width, height]] of Object.entries(sizes)) {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await open(browser, server.url, { viewport: { width, height }, colorScheme });
    await page.locator(".cm-content").waitFor();
    for (const [state, reach] of Object.entries(states)) {
      await reach(page);
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: join(folder, `${state}-${size}-${colorScheme}.png`) });
    }
    await close();
  }
}
await browser.close();
server.close();
