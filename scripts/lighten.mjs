// Makes the built page lighter on the wire, and puts the program's parts beside it; Trunk runs it at the end of a build
// (TRUNK_STAGING_DIR).
//
// One style sheet of all that the page links, in their order: 4 KB less than twenty, whose compression each starts anew
// and whose fingerprints do not compress. The bridge to the wasm in one file with the script that fetches the parts,
// smaller by 2 KB than Trunk's own minifier makes it. The parts, which the linker has cut out (scripts/wasm-ld), go
// through wasm-opt like the program itself.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";

const { TRUNK_STAGING_DIR: folder, TRUNK_SOURCE_DIR: source, TRUNK_PROFILE: profile } = process.env;
const target = process.env.CARGO_TARGET_DIR ?? join(source, "target");
const parts = join(target, "wasm32-unknown-unknown", profile, "parts");

const read = (name) => readFile(join(folder, name), "utf8");
const write = (name, text) => writeFile(join(folder, name), text);
const named = (stem, body, ending) => `${stem}-${createHash("sha256").update(body).digest("hex").slice(0, 16)}.${ending}`;

let html = await read("index.html");

/** One style sheet in place of all. */
async function sheet() {
  const links = [...html.matchAll(/<link\b[^>]*\brel="?stylesheet\b[^>]*>/g)].map(([text]) => {
    const [, path] = text.match(/\bhref="?([^"\s>]+)/);
    return { text, path };
  });
  const sheets = links.map(({ path }) => basename(path));
  const css = (await Promise.all(sheets.map(read))).join("\n");
  const name = named("style", css, "css");
  const [first, ...others] = links;
  const link = `<link rel="stylesheet" href="${first.path.replace(/[^/]*$/, name)}">`;
  await write(name, css);
  html = others.reduce((page, { text }) => page.replace(text, ""), html.replace(first.text, link));
  await Promise.all(sheets.map((it) => rm(join(folder, it))));
}

/** What wasm-opt is told for the program, as the page says it. */
async function flags() {
  const page = await readFile(join(source, "index.html"), "utf8");
  const [, level] = page.match(/data-wasm-opt="(\w+)"/);
  const [, params] = page.match(/data-wasm-opt-params="([^"]*)"/);
  return [`-O${level}`, ...params.split(" ")];
}

/** Every part under a name that is its content's: the name that the program asks for, and the file's. */
async function addParts() {
  const names = (await readdir(parts)).filter((it) => it.startsWith("split_") || it.startsWith("chunk_"));
  const options = await flags();
  return Promise.all(names.map(async (part) => {
    const from = join(parts, part);
    const light = join(folder, part);
    // The splitter leaves names behind that nobody reads.
    if (profile === "release") execFileSync("wasm-opt", [...options, from, "-o", light], { stdio: ["ignore", "ignore", "inherit"] });
    const body = await readFile(profile === "release" ? light : from);
    await rm(light, { force: true });
    const name = named(basename(part, ".wasm").replace(/^(split|chunk)_/, "ordinal-"), body, "wasm");
    await write(name, body);
    return [part, name];
  }));
}

/** What a host that does not know what wasm is gets along with, too. */
const INSTANTIATE = `async (source, imports) => {
  const response = await source;
  const known = response.headers.get("content-type") === "application/wasm";
  return known ? WebAssembly.instantiateStreaming(response, imports) : WebAssembly.instantiate(await response.arrayBuffer(), imports);
}`;

/** The bridge, with the script that fetches the parts. */
async function bridge() {
  const [, old] = html.match(/["'][^"']*?(ordinal-[0-9a-f]+\.js)["']/);
  const added = await addParts();
  const loader = (await readFile(join(parts, "__wasm_split.js"), "utf8"))
    .replaceAll("./ordinal.js", `./${old}`)
    .replaceAll("WebAssembly.instantiateStreaming(", "__instantiate(");
  const script = added.reduce((text, [part, name]) => text.replaceAll(part, name), loader);
  const inlined = {
    name: "parts",
    setup(build) {
      build.onResolve({ filter: /__wasm_split\.js$/ }, () => ({ path: "parts", namespace: "parts" }));
      build.onLoad({ filter: /.*/, namespace: "parts" }, () => ({
        contents: `const __instantiate = ${INSTANTIATE};\n${script}`,
        resolveDir: folder,
      }));
    },
  };
  const { outputFiles: [{ text }] } = await build({
    entryPoints: [join(folder, old)],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    write: false,
    plugins: [inlined],
    logLevel: "warning",
  });
  if (text.includes("__wasm_split_placeholder__")) throw new Error("the program was linked without scripts/wasm-ld: its parts are missing");
  const name = named("ordinal", text, "js");
  await rm(join(folder, old));
  await write(name, text);
  html = html.replaceAll(old, name);
}

await sheet();
await bridge();
await write("index.html", html);
