// `trimaran/browser`: bundled without Node, it predicts in a real page with Python's own numbers.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build, type Metafile } from "esbuild";
import { openModel } from "../src/browser.ts";
import { readLines, sharedPath, withoutShared } from "./golden/shared-data.ts";

const run = promisify(execFile);
const entry = fileURLToPath(new URL("../src/browser.ts", import.meta.url));

const chromium = [process.env["TRIMARAN_CHROMIUM"] ?? "", "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (path) => path !== "" && existsSync(path),
);
const skip = withoutShared || (chromium === undefined ? "no Chromium is installed" : false);

interface PageResult {
  readonly answers: readonly number[];
  readonly refused: readonly (number | null)[];
  readonly methods: readonly string[];
}

describe("the browser entry", () => {
  test("bundles without a Node module or a Node global", async () => {
    const { text, metafile } = await bundle({ format: "esm" });
    const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    assert.deepEqual(outside, []);
    const found = text.match(/["'`]node:[^"'`]*|\brequire\(|\bprocess\.|\bBuffer\.|\b__dirname\b/g);
    assert.equal(found, null);
    assert.ok(Object.keys(metafile.inputs).some((file) => file.endsWith("src/engine/compile.ts")));
  });

  test("answers over a folder's files as over a file", async () => {
    const root = fileURLToPath(new URL("../examples/ride-duration/forest/", import.meta.url));
    const names = ["MLmodel", "model.pkl"].filter((name) => existsSync(root + name));
    const files = new Map(names.map((name) => [name, new Uint8Array(readFileSync(root + name))]));
    await using model = await openModel({ name: "forest", files });
    assert.deepEqual((await model.predict([{}])).length, 1);
  });

  test("predicts in Chromium with the forest's golden numbers", { skip }, async (t) => {
    const golden = readLines(sharedPath("models/goldens/forest-sk1.5.1.ndjson"));
    const refused = readLines(sharedPath("models/goldens/forest-sk1.5.1.errors.ndjson"));
    const result = await inPage({
      model: readFileSync(sharedPath("models/forest-sk1.5.1.joblib")),
      rows: golden.map((row) => row.input),
      refused: refused.map((row) => row.input),
    });
    assert.ok(golden.length > 0 && refused.length > 0);
    assert.deepEqual(
      result.answers,
      golden.map((row) => row.predict),
    );
    assert.deepEqual(
      result.refused,
      refused.map(() => null),
    );
    assert.deepEqual(result.methods, ["predict"]);
    t.diagnostic(`${golden.length} rows bit-exact in a page, ${refused.length} refused`);
  });
});

async function bundle(
  options: { readonly format: "esm" } | { readonly format: "iife"; readonly globalName: string },
): Promise<{ readonly text: string; readonly metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: "browser",
    target: "es2023",
    logLevel: "silent",
    ...options,
  });
  return { text: outputFiles[0]?.text ?? "", metafile };
}

/** Opens a page that predicts while it loads, and reads what it wrote into its body. */
async function inPage(data: {
  model: Buffer;
  rows: readonly unknown[];
  refused: readonly unknown[];
}): Promise<PageResult> {
  const { text } = await bundle({ format: "iife", globalName: "trimaran" });
  const json = JSON.stringify({ ...data, model: data.model.toString("base64") }).replaceAll("<", "\\u003c");
  const page = `<!doctype html><meta charset="utf-8"><body><script>${text.replaceAll("</script", "<\\/script")}</script>
<script type="module">
const { model: base64, rows, refused } = ${json};
const say = (value) => { document.body.textContent = "RESULT" + btoa(JSON.stringify(value)) + "END"; };
try {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const model = await trimaran.openModel({ name: "forest.joblib", bytes });
  const answers = await model.predict(rows);
  say({ answers, refused: await model.predict(refused, { onRefused: "null" }), methods: model.methods });
} catch (error) { say({ error: String(error) }); }
</script>`;
  const folder = mkdtempSync(join(tmpdir(), "trimaran-page-"));
  try {
    writeFileSync(join(folder, "page.html"), page);
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
    const { stdout } = await run(
      chromium ?? "",
      [
        ...flags,
        `--user-data-dir=${join(folder, "profile")}`,
        "--virtual-time-budget=60000",
        "--dump-dom",
        `file://${join(folder, "page.html")}`,
      ],
      { maxBuffer: 1 << 28, timeout: 120_000 },
    );
    const found = /RESULT([A-Za-z0-9+/=]+)END/.exec(stdout)?.[1];
    assert.ok(found, "the page wrote no result");
    const result = JSON.parse(atob(found)) as PageResult & { readonly error?: string };
    assert.equal(result.error, undefined);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
