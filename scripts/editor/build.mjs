// Bundles both files, languages in parts of their own, and writes down whose work is in them.

import { build } from "esbuild";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const out = "../../src/hubkeep/web/assets/bundle";
rmSync(join(out, "parts"), { recursive: true, force: true }); // their names tell their content
mkdirSync(out, { recursive: true });
const result = await build({
  entryPoints: ["codemirror.js", "sha256.js"],
  outdir: out,
  bundle: true,
  splitting: true,
  chunkNames: "parts/[name]-[hash]",
  format: "esm",
  target: ["es2022"],
  minify: true,
  legalComments: "none",
  charset: "utf8",
  metafile: true,
  logLevel: "warning",
});

const used = new Set(
  Object.values(result.metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs).filter(([, part]) => part.bytesInOutput).map(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]),
  ),
);
const texts = [...used].filter(Boolean).sort().map((name) => {
  const folder = join("node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (!file || license !== "MIT") throw new Error(`${name}: a license to look at (${license})`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
});
writeFileSync(join(out, "LICENSES.txt"), `codemirror.js, sha256.js and what is in parts were bundled from these packages by scripts/bundle-editor.\n\n${texts.join(`\n${"-".repeat(80)}\n\n`)}`);
