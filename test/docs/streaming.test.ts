// docs/streaming.md, executed: every `sh` block runs in one folder beside the worked example, in order, and prints what the next block
// says: `text` the same lines on both streams, `json` the same value. Metrics and headers that it names are those of the code.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { StreamCounters } from "../../src/doors/stream/observe/stream-counters.ts";
import { deadLetterHeaders } from "../../src/doors/stream/poison/dead-letter.ts";
import { TruthCounters } from "../../src/doors/stream/truth/truth-counters.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}/docs/streaming.md`, "utf8");
const blocks = [...page.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
  language,
  text,
}));

describe("docs/streaming.md", () => {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), "trimaran-docs-"));
  symlinkSync(join(root, "examples"), join(folder, "examples"));
  const env = {
    ...process.env,
    PATH: `${join(root, "bin")}:${process.env["PATH"]}`,
    NO_COLOR: "1",
    TRIMARAN_HOME: "",
    NODE_TEST_CONTEXT: undefined,
  };
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [index, { language, text }] of blocks.entries()) {
    const next = blocks[index + 1];
    if (language !== "sh") continue;
    test(`runs ${text.split("\n")[0]?.slice(0, 90)}`, async () => {
      const script = next?.language === "text" ? `{ ${text}\n} 2>&1` : text;
      const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], { cwd: folder, env });
      if (next?.language === "json") assert.deepEqual(JSON.parse(stdout), JSON.parse(next.text));
      else assert.equal(stdout.replaceAll(`${folder}/`, "").trim(), next?.text.trim());
    });
  }

  test("names every metric and every header", () => {
    const families = [...new StreamCounters().families(), ...new TruthCounters().families()];
    for (const { name } of families) {
      if (name === "trimaran_stream_warnings_total") continue;
      const short = name.replace("trimaran_stream", "");
      assert.ok(page.includes(`\`${name}\``) || page.includes(`\`${short}\``), name);
    }
    for (const header of Object.values(deadLetterHeaders)) {
      assert.ok(page.includes(header.replace("trimaran", "")), header);
    }
  });
});
