// docs/training.md, executed: every `sh` block runs in a folder of its own beside the worked example, in order, and prints what the
// next block says; the Python block runs with the real MLflow.
//
//   ```text           the same lines on both streams, where TIME is any number and RUN any run
//   ```json           the same JSON; `number`: where NUMBER stands there is a number; `contains`: the output holds this text
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { commands } from "../../src/cli/command-table.ts";
import { onnxPeer } from "../e2e/train/environments.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}/docs/training.md`, "utf8");
const blocks = [...page.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, info = "", text = ""]) => {
  const [language = "", ...words] = info.split(" ");
  return { language, words, text };
});
const peer = await onnxPeer();

describe("docs/training.md", () => {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-docs-"));
  symlinkSync(join(root, "examples"), join(folder, "examples"));
  const env = {
    ...process.env,
    PATH: `${join(root, "bin")}:${process.env["PATH"]}`,
    NO_COLOR: "1",
    HOME: folder,
    USER: "ada",
    MLFLOW_TRACKING_URI: "",
    TRIMARAN_HOME: "",
  };
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [index, { language, text }] of blocks.entries()) {
    const next = blocks[index + 1];
    if (language !== "sh") continue;
    test(`runs ${text.split("\n")[0]?.slice(0, 90)}`, async () => {
      // Both streams as one, in the order in which they are written.
      const script = next?.language === "text" ? `{ ${text}\n} 2>&1` : text;
      const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, env });
      if (next?.language === "text") {
        const seen = stdout.replace(/fitted in [\d.]+ s/, "fitted in TIME s").replaceAll(/[0-9a-f]{32}/g, "RUN");
        assert.deepEqual(seen.trim().split("\n").sort(), next.text.trim().split("\n").sort());
      } else if (next?.words.includes("contains")) assert.ok(stdout.includes(next.text.trim()), stdout);
      else {
        const number = /-?\d+\.\d+/.exec(stdout)?.[0] ?? "none";
        assert.deepEqual(JSON.parse(stdout), JSON.parse((next?.text ?? "").replace("NUMBER", number)));
      }
    });
  }

  test("loads the saved model in Python", { skip: peer.skip }, async () => {
    const script = blocks.find(({ language }) => language === "python")?.text ?? "";
    writeFileSync(join(folder, "load.py"), script);
    const { stdout } = await promisify(execFile)(peer.python, ["load.py"], { cwd: folder, env });
    assert.match(stdout, /predict\n0 +\d+\.\d+/);
  });

  test("names flags that there are, and the worked example's own SQL", () => {
    const flags = new Set(commands.find(({ name }) => name === "train")?.flags.map(({ name }) => name));
    for (const [, name = ""] of page.matchAll(/--([a-z][a-z-]+)/g)) {
      assert.ok(flags.has(name) || flags.has(name.replace(/^no-/, "")) || name === "json", name);
    }
    const sql =
      blocks
        .find(({ language }) => language === "ts")
        ?.text.split("\n")[1]
        ?.trim() ?? "none";
    assert.ok(readFileSync(`${root}/examples/ride-duration/deployment.ts`, "utf8").includes(sql));
  });
});
