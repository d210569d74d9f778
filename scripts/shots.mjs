// Takes screenshots of the built page at rest and in the middle of things, in both themes and three sizes.
//
//   node scripts/shots.mjs [folder]     default: tests/e2e/shots

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { apply, inPhase, launch, open, root, serve } from "../tests/e2e/support.mjs";

const folder = process.argv[2] ?? join(root, "tests/e2e/shots");
const sizes = { desk: [1440, 900], projector: [1920, 1080], phone: [390, 844] };
await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
for (const [size, [width, height]] of Object.entries(sizes)) {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await open(browser, server.url, { viewport: { width, height }, colorScheme });
    const shot = (name) => page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
    await shot("empty");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("combobox", { name: "Speed" }).selectOption("400");
    await inPhase(page, 1, "creating");
    await page.getByRole("button", { name: "Pause" }).click();
    await shot("starting");
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await inPhase(page, 2, "ready");
    await page.getByRole("button", { name: "Scale web up" }).click();
    await inPhase(page, 3, "ready");
    await page.getByRole("button", { name: "Scale web down" }).click();
    await inPhase(page, 3, "absent");
    await page.getByRole("textbox", { name: "image of nginx" }).fill("nginx:1.28");
    await page.getByRole("button", { name: "Set image" }).click();
    await inPhase(page, 1, "terminating");
    await page.getByRole("button", { name: "Pause" }).click();
    await shot("rolling");
    await apply(page, "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: web\nspec:\n  replicas: many\n");
    await shot("refused");
    await close();
  }
}
await browser.close();
server.close();
