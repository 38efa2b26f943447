// The published package's JavaScript: of each file that is run or imported from outside one bundle, with what they share in
// chunks. A process then reads a few files instead of two hundred. Addresses of files beside a source stay what they were.
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { root } from "./stage.ts";

/** What is imported by users, and what our processes and threads run. */
const entries = [
  "index",
  "browser",
  "lambda",
  "cli/main",
  "cli/image/health",
  "cli/image/prepare",
  "doors/web/fleet/preparer-main",
  "doors/batch/shard-worker",
  "doors/web/fleet/worker-main",
  "loaders/load-worker",
  "loaders/predict-worker",
  "train/grow-worker",
];

const source = `${root}src`;
const mark = "__ownAddress__";

/** In a bundle `import.meta.url` is the bundle's own: it is written as that of the file which the compiler would have made. */
const ownAddresses: Plugin = {
  name: "own-addresses",
  setup: (made) => {
    made.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const name = relative(source, path).replace(/\.ts$/, ".js");
      return { loader: "ts", contents: text.replaceAll("import.meta.url", `${mark}(${JSON.stringify(name)})`) };
    });
  },
};

/** Replaces the compiler's JavaScript in `dist`; its declarations stay. */
export async function bundle(dist: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: entries.map((name) => ({ in: `${source}/${name}.ts`, out: name })),
    outdir: dist,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    packages: "external",
    chunkNames: "chunks/[hash]",
    keepNames: false,
    legalComments: "none",
    plugins: [ownAddresses],
    write: false,
    logLevel: "warning",
  });
  for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (name.endsWith(".js") && !name.startsWith("ui/")) rmSync(join(dist, name));
  }
  for (const { path, text } of outputFiles) {
    const written = text.replaceAll(new RegExp(`${mark}\\("([^"]+)"\\)`, "g"), (_, name: string) => {
      const to = relative(dirname(path), resolve(dist, name));
      return `new URL(${JSON.stringify(to.startsWith(".") ? to : `./${to}`)}, import.meta.url).href`;
    });
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, written);
  }
}
