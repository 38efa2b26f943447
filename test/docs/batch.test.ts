// docs/batch.md, executed: every `sh` block runs in one folder beside the worked example, in order, and prints what the next block says.
//
//   ```text   the same lines on both streams; TIME is any number, RUN any run, FOLDER the folder
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { batchErrors } from "../../src/base/errors/batch.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}/docs/batch.md`, "utf8");
const blocks = [...page.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
  language,
  text,
}));

describe("docs/batch.md", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "trimaran-docs-")));
  symlinkSync(join(root, "examples"), join(folder, "examples"));
  const env = {
    ...process.env,
    PATH: `${join(root, "bin")}:${process.env["PATH"]}`,
    NO_COLOR: "1",
    TRIMARAN_HOME: "",
  };
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [index, { language, text }] of blocks.entries()) {
    const next = blocks[index + 1];
    if (language !== "sh" || next?.language !== "text") continue;
    test(`runs ${text.split("\n")[0]?.slice(0, 90)}`, async () => {
      // Both streams as one, in the order in which they are written.
      const script = `{ ${text}\n} 2>&1`;
      const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, env });
      const seen = stdout
        .replaceAll(/in [\d.]+ s$/gm, "in TIME s")
        .replaceAll(/run [0-9a-f]{12}/g, "run RUN")
        .replaceAll(folder, "FOLDER");
      const lines = seen.split("\n").filter((line) => line !== "" && !line.startsWith('{"progress"'));
      assert.deepEqual(lines, next.text.trim().split("\n"));
    });
  }

  test("names errors that there are", () => {
    const named = [...page.matchAll(/`(BATCH_[A-Z]+)`/g)].map(([, code = ""]) => code);
    assert.ok(named.length > 5);
    for (const code of named) assert.ok(Object.hasOwn(batchErrors, code), code);
  });

  test("shows the batch section of the worked example as it is", () => {
    const example = readFileSync(`${root}/examples/ride-duration/deployment.ts`, "utf8");
    const shown = blocks.find(({ language }) => language === "ts")?.text ?? "";
    assert.ok(
      example.includes(
        shown
          .trim()
          .replaceAll(/^(?!$)/gm, "  ")
          .trim(),
      ),
    );
  });
});
