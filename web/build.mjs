// Bundle what browsers run: `node build.mjs SOURCES OUT`, called by tools/assets.py.
//
// SOURCES holds our own modules; each becomes one file of the same name. What others wrote is bundled from entries/.
// OUT also gets land.json, the wasm of the barcode reader, and THIRD-PARTY.txt. Names carry no hash yet.
import { build } from "esbuild";
import { copyFile, readFile, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const [sources, out] = process.argv.slice(2);

// What the design is lowered to; tools/assets.py says the same of CSS.
const TARGET = ["chrome100", "safari15.4", "firefox115"];

async function bundle(folder, options) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".js") || options.css && name.endsWith(".css"));
  const done = await build({
    entryPoints: names.map((name) => join(folder, name)),
    outdir: out,
    bundle: true,
    minify: true,
    format: "esm",
    target: TARGET,
    legalComments: "none", // THIRD-PARTY.txt has every notice, whole
    charset: "utf8",
    loader: { ".png": "dataurl" },
    metafile: true,
    logLevel: "warning",
    absWorkingDir: HERE,
  });
  return Object.keys(done.metafile.inputs);
}

// Copy the wasm; another version than the one its script was made for crashes while it reads.
async function barcodes() {
  const wanted = JSON.parse(await readFile(join(HERE, "package.json"), "utf8")).dependencies["zxing-wasm"];
  const script = createRequire(require.resolve("barcode-detector/ponyfill"));
  const wasm = script.resolve("zxing-wasm/reader/zxing_reader.wasm");
  if (wasm !== require.resolve("zxing-wasm/reader/zxing_reader.wasm")) {
    throw new Error(`barcode-detector brings a zxing-wasm of its own, not ${wanted}: pin that version in package.json`);
  }
  await copyFile(wasm, join(out, "barcodes.wasm"));
}

// Copy the coasts; the server draws maps from them (base/web/land.py).
async function land() {
  await copyFile(require.resolve("world-atlas/land-50m.json"), join(out, "land.json"));
}

async function licenses(folder) {
  const found = (await readdir(folder, { withFileTypes: true })).filter((one) => /^(licen[cs]e|notice)/i.test(one.name));
  const files = found.filter((one) => one.isFile()).map((one) => join(folder, one.name));
  const below = await Promise.all(found.filter((one) => one.isDirectory()).map((one) => licenses(join(folder, one.name))));
  return [...files, ...below.flat()].sort();
}

async function notices(inputs) {
  const folders = new Set(["node_modules/world-atlas", "node_modules/zxing-wasm"]);
  for (const input of inputs) {
    const [, folder] = /^((?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input) ?? [];
    if (folder) {
      folders.add(folder);
    }
  }
  const parts = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(HERE, folder, "package.json"), "utf8"));
    const texts = await Promise.all((await licenses(join(HERE, folder))).map((file) => readFile(file, "utf8")));
    if (texts.length === 0) {
      throw new Error(`${name} ${version} comes without a license text`);
    }
    parts.push([`${name} ${version} (${license})`, "", ...texts.map((text) => text.trim())].join("\n"));
  }
  await writeFile(join(out, "THIRD-PARTY.txt"), parts.join(`\n\n${"-".repeat(80)}\n\n`) + "\n");
}

const inputs = [...(await bundle(join(HERE, "entries"), { css: true })), ...(await bundle(sources, { css: false }))];
await barcodes();
await land();
await notices(inputs);
