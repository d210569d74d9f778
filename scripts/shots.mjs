// Takes screenshots of the built page at rest and in the middle of things, in both themes and three sizes; at the
// projector's also as it is presented.
//
//   node scripts/shots.mjs [folder]     default: tests/e2e/shots

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { settle, states } from "../tests/e2e/states.mjs";
import { launch, open, root, serve } from "../tests/e2e/support.mjs";

const folder = process.argv[2] ?? join(root, "tests/e2e/shots");
const sizes = { desk: [1440, 900], projector: [1920, 1080], phone: [390, 844] };

await mkdir(folder, { recursive: true });
const server = await serve();
const browser = await launch();
for (const [size, [width, height]] of Object.entries(sizes)) {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await open(browser, server.url, { viewport: { width, height }, colorScheme });
    const shoot = async (name) => {
      await settle(page);
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
    };
    for (const [state, reach] of Object.entries(states)) {
      await reach(page);
      await shoot(state);
      if (size !== "projector" || state === "presenting" || state === "about") continue;
      await page.getByRole("button", { name: "Present" }).click();
      await shoot(`${state}-presented`);
      await page.keyboard.press("Escape");
    }
    await close();
  }
}
await browser.close();
server.close();
