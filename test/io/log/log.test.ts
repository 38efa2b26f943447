// Logs: levels that change while they run, and fields that cannot forge a line.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import type { LogFormat } from "../../../src/io/log/log.ts";
import { directStream } from "../../../src/io/log/log-stream.ts";
import { openLog } from "../../../src/io/log/open-log.ts";

const hostile = 'a\n{"level":"error"}\u001b[31m\u2028\u0085"b=c';

for (const format of ["json", "text"] as const satisfies readonly LogFormat[]) {
  describe(`a log as ${format}`, () => {
    it("writes one line a call, whatever its fields hold", async () => {
      const lines: string[] = [];
      const log = await openLog({ format, level: "info", stream: directStream((line) => lines.push(line)) });
      log.write("warn", hostile, { name: hostile, count: 3, none: undefined, list: [hostile] });
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? "", /^[^\n]*\n$/);
      if (format === "json") {
        const { level, msg, name, count } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
        assert.deepEqual({ level, msg, name, count }, { level: "warn", msg: hostile, name: hostile, count: 3 });
      } else {
        assert.doesNotMatch(lines[0] ?? "", /[\u001b\u0085\u2028]/);
        assert.match(lines[0] ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z warn .* count=3 list=/);
      }
      assert.equal(log.written, 1);
    });

    it("shows what its level shows, which may change", async () => {
      const lines: string[] = [];
      const log = await openLog({ format, level: "warn", stream: directStream((line) => lines.push(line)) });
      log.write("info", "one");
      log.level = "debug";
      log.write("debug", "two");
      log.level = "error";
      log.write("warn", "three");
      assert.equal(lines.length, 1);
      assert.match(lines[0] ?? "", /two/);
    });
  });
}

describe("a stream of lines to a descriptor", () => {
  it("has written everything when it is flushed, each line whole", () => {
    const at = new URL("../../../src/io/log/log-stream.ts", import.meta.url).href;
    const code = `const { openLogStream } = await import(${JSON.stringify(at)});
      const stream = await openLogStream(1);
      for (let index = 0; index < 5000; index++) stream.write(\`{"index":\${index}}\\n\`, "info");
      await stream.flush();
      if (stream.written !== 5000) process.exitCode = 3;
      process.exit();`;
    const text = execFileSync(process.execPath, ["--input-type=module", "-e", code], { encoding: "utf8" });
    const found = text.trim().split("\n");
    assert.equal(found.length, 5000);
    assert.deepEqual(JSON.parse(found[4999] ?? ""), { index: 4999 });
  });
});
