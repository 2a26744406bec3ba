// Builds the page into a folder: index.html, and assets named after their content, each also packed with Brotli and
// gzip.
// Usage: node build.mjs FOLDER
import { build } from "esbuild";
import { readFile, writeFile, mkdir, rm, readdir } from "node:fs/promises";
import { join, basename, resolve } from "node:path";
import { brotliCompressSync, gzipSync, constants } from "node:zlib";

const here = import.meta.dirname;
const out = process.argv[2];
if (!out) {
  console.error("usage: node build.mjs FOLDER");
  process.exit(2);
}

// The folder is made anew, but only when it holds nothing other than a page that was built before.
const made = /^(index\.html(\.br|\.gz)?|assets)$/;
const before = await readdir(out).catch((error) => {
  if (error.code === "ENOENT") return [];
  throw error;
});
if (!before.every((name) => made.test(name))) {
  console.error(`${resolve(out)} holds other things than a built page: nothing is removed there.`);
  process.exit(2);
}

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "assets"), { recursive: true });

const result = await build({
  entryPoints: { page: join(here, "src/main.tsx"), theme: join(here, "src/shell/theme.ts") },
  outdir: join(out, "assets"),
  entryNames: "[name].[hash]",
  chunkNames: "part.[hash]",
  splitting: true,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "chrome111", "firefox113", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  metafile: true,
  legalComments: "none",
  logLevel: "warning",
});

const named = (entry, extension) => {
  const found = Object.keys(result.metafile.outputs)
    .map((path) => basename(path))
    .find((name) => name.startsWith(`${entry}.`) && name.endsWith(extension));
  if (!found) throw new Error(`esbuild made no ${entry}${extension}`);
  return `/assets/${found}`;
};

const template = await readFile(join(here, "src/index.html"), "utf8");
await writeFile(
  join(out, "index.html"),
  template
    .replace("{{style}}", named("page", ".css"))
    .replace("{{theme}}", named("theme", ".js"))
    .replace("{{script}}", named("page", ".js")),
);
await writeFile(join(out, "assets", "icon.svg"), await readFile(join(here, "src/icon.svg")));

let total = 0;
for (const folder of [out, join(out, "assets")]) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(folder, entry.name);
    const bytes = await readFile(path);
    const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
    await writeFile(`${path}.br`, packed);
    await writeFile(`${path}.gz`, gzipSync(bytes, { level: 9 }));
    total += packed.length;
  }
}
console.log(`the page: ${(total / 1024).toFixed(1)} KiB packed`);
