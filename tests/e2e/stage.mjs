// The page and the browser for the tests of one file.

import { after, before } from "node:test";
import { launch, open, serve } from "./support.mjs";

/** Serves the page and starts the browser before the tests of a file; its `open` opens the page. */
export function stage() {
  let server, browser;
  before(async () => {
    server = await serve();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    server?.close();
  });
  return { open: (options, prepare) => open(browser, server.url, options, prepare), url: () => server.url };
}
