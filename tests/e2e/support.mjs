// Serves the built page from a folder under a path of its own and opens it in Debian's Chromium.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = fileURLToPath(new URL("../..", import.meta.url));
/** The built page. */
export const site = join(root, process.env.ORDINAL_SITE ?? "dist");
/** The path that the page is built for: `trunk build --public-url`. */
export const base = process.env.ORDINAL_BASE ?? "/";

const types = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css",
  ".wasm": "application/wasm", ".svg": "image/svg+xml", ".json": "application/json",
};

/** Serves it as any static host does; answers with its address and a way to close it. */
export async function serve(folder = site) {
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, "http://host").pathname);
    const inside = path.startsWith(base) ? normalize(path.slice(base.length)) : "..";
    const file = inside === "." || inside === "" ? "index.html" : inside;
    try {
      if (file.startsWith("..")) throw new Error("outside");
      const body = await readFile(join(folder, file));
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  return { url: `http://127.0.0.1:${port}${base}`, close: () => server.close() };
}

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
}

/** Opens the page; collects what it says on the console and whom it asks. */
export async function open(browser, url, options = {}, prepare = async () => {}) {
  const { withoutEditor = false, ...others } = options;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...others });
  const page = await context.newPage();
  const seen = { errors: [], foreign: [], requests: [] };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) seen.errors.push(message.text());
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => {
    seen.requests.push(request.url());
    if (new URL(request.url()).origin !== new URL(url).origin) seen.foreign.push(request.url());
  });
  await prepare(page);
  await page.goto(url);
  await page.getByRole("button", { name: "Apply" }).waitFor();
  // The text field grows into the editor; who writes into it meanwhile would write into one that goes.
  if (!withoutEditor) await page.locator("manifest-editor .cm-content").waitFor();
  return { page, seen, close: () => context.close() };
}

/** Puts a text into the manifest pane and applies it; answers with what kubectl printed. */
export async function apply(page, text) {
  await page.getByRole("textbox", { name: /^Manifest/ }).fill(text);
  await page.getByRole("button", { name: "Apply" }).click();
  return (await page.locator(".answer").innerText()).trim();
}

const axe = await readFile(join(root, "node_modules/axe-core/axe.min.js"), "utf8");

/** What axe finds wrong with the page as it is now, in a line each. */
export async function axeFaults(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const place = (it) => `${it.html.slice(0, 120)} — ${it.any[0]?.message ?? ""}`;
  return violations.map(({ id, nodes }) => `axe ${id}: ${nodes.slice(0, 3).map(place).join(" | ")}`);
}

/** Lets time pass eight times as fast. */
export function hurry(page) {
  return page.getByRole("combobox", { name: "Speed" }).selectOption("800");
}

/** The column of an ordinal. */
export function column(page, ordinal, set = "web") {
  return page.locator(`section[aria-label="${set}"] [data-ordinal="${ordinal}"]`);
}

/** Waits until something holds, for so long at most. */
export async function until(holds, what, ms = 3000) {
  const end = Date.now() + ms;
  while (!await holds()) {
    assert.ok(Date.now() < end, what);
    await new Promise((done) => setTimeout(done, 30));
  }
}

/** Waits until a column is in a phase. */
export function inPhase(page, ordinal, phase, set = "web") {
  return page.locator(`section[aria-label="${set}"] [data-ordinal="${ordinal}"][data-phase="${phase}"]`)
    .waitFor({ timeout: 60_000 });
}

/** The manifest of a set. */
export function set({ replicas, policy = "OrderedReady", name = "web" }) {
  return `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: ${name}
spec:
  replicas: ${replicas}
  podManagementPolicy: ${policy}
  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`;
}

/** The text in the manifest pane. */
export function manifestText(page) {
  return page.locator("manifest-editor textarea").inputValue();
}

/** Chooses a manifest to start from. */
export async function start(page, file) {
  await page.getByText("Start from").click();
  await page.locator(`[data-starter="${file}"]`).click();
}
