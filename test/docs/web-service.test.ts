// docs/web-service.md, executed: every `sh` block runs against the worked example, and prints what the next block says.
//
//   ```json           the same JSON; `number`: where NUMBER stands there is a number; `contains`: the output holds this text
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Running, ride, serve } from "../doors/web/fleet/fixtures.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const blocks = readBlocks(readFileSync(`${root}/docs/web-service.md`, "utf8"));

describe("docs/web-service.md", () => {
  const home = mkdtempSync(join(tmpdir(), "trimaran-docs-"));
  let web: Running;
  before(async () => {
    web = await serve([ride, "--prediction-log", "--home", home, "--admin-port", "0"]);
  });
  after(async () => {
    await web[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
  });

  test("has examples", () => {
    assert.ok(blocks.length >= 7);
  });

  for (const { script, expected, words } of blocks) {
    test(`runs ${script.split("\n")[0]?.slice(0, 90)}`, async () => {
      const text = script
        .replaceAll("localhost:9696", `127.0.0.1:${web.port}`)
        .replaceAll("localhost:9697", `127.0.0.1:${web.adminPort}`)
        .replaceAll(".trimaran", home);
      const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", text], { cwd: root });
      if (words.includes("contains")) {
        assert.ok(stdout.includes(expected.trim()), stdout);
        return;
      }
      const value = JSON.parse(stdout) as unknown;
      const numbers = words.includes("number") ? stdout.match(/-?\d+\.\d+/g) : null;
      assert.deepEqual(value, JSON.parse(expected.replace("NUMBER", numbers?.[0] ?? "none")));
    });
  }
});

interface Step {
  readonly script: string;
  readonly expected: string;
  readonly words: readonly string[];
}

function readBlocks(markdown: string): readonly Step[] {
  const found = [...markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, info = "", text = ""]) => {
    const [language = "", ...words] = info.split(" ");
    return { language, words, text };
  });
  return found.flatMap(({ language, words, text }, index): Step[] => {
    const next = found[index + 1];
    if (language !== "sh" || words.includes("norun") || next?.language !== "json") return [];
    return [{ script: text, expected: next.text, words: next.words }];
  });
}
