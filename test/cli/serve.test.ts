// `serve`, in-process: what it says, what wins, and how it stops.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { forest, linear, ride, runCli, type StopWhen } from "./run-in-process.ts";

interface Listening {
  readonly url: string;
  readonly port: number;
  readonly services: readonly { readonly name: string; readonly model: string; readonly version: string | null }[];
}

/** Stops as soon as it listens and has said so. */
const stop = (reason: StopWhen["reason"] = "SIGTERM", says = /It answers:|"services":/): StopWhen => ({ says, reason });

describe("serve", () => {
  test("says where it listens, which model answers, and a request with its answer", async () => {
    const { code, stdout, stderr } = await runCli(["serve", ride, "--port", "0", "--log-format", "text"], {
      stopWhen: stop(),
    });
    assert.equal(stdout, "");
    assert.match(stderr, /ride-duration: .*lin_reg\.bin \(sha256:/);
    assert.match(stderr, /Listening on http:\/\/127\.0\.0\.1:\d+\n/);
    assert.match(
      stderr,
      /curl -X POST http:\/\/localhost:\d+\/predict -H "Content-Type: application\/json" -d '\{"PULocationID":10,/,
    );
    assert.match(stderr, /\{"duration":22\.625182479499\}/);
    assert.equal(code, 0);
  });

  test("with --json says it on stdout, one service a target", async () => {
    const call = ["serve", ride, linear, "--port", "0", "--json", "--log-level", "error"];
    const { code, stdout, stderr } = await runCli(call, { stopWhen: stop() });
    const { url, port, services } = JSON.parse(stdout) as Listening;
    assert.equal(url, `http://127.0.0.1:${port}`);
    assert.deepEqual(
      services.map(({ name }) => name),
      ["ride-duration", "lin_reg"],
    );
    assert.equal(stderr, "");
    assert.equal(code, 0);
  });

  test("Ctrl-C drains too, and exits with 130", async () => {
    const { code } = await runCli(["serve", linear, "--port", "0"], { stopWhen: stop("SIGINT") });
    assert.equal(code, 130);
  });

  test("a model under the definition comes from MODEL_URI, and its example is then only compared", async () => {
    const call = ["serve", ride, "--port", "0", "--json"];
    const { code, stdout } = await runCli(call, { env: { MODEL_URI: forest }, stopWhen: stop() });
    assert.equal((JSON.parse(stdout) as Listening).services[0]?.model, forest);
    assert.equal(code, 0);
  });

  test("--limit holds in the processes that read the models, for one worker and for several", async () => {
    for (const workers of ["1", "2"]) {
      const home = ["--home", mkdtempSync(join(tmpdir(), "trimaran-serve-limit-"))];
      const call = ["serve", linear, "--port", "0", "--workers", workers, "--limit", "maxOpcodes=10", ...home];
      const { code, stderr } = await runCli(call, { stopWhen: stop() });
      assert.match(stderr, /goes over the limit maxOpcodes of 10/);
      assert.match(stderr, /--limit maxOpcodes=NUMBER/);
      assert.equal(code, 1);
      const raised = [...call.slice(0, -3), "maxOpcodes=1000000000", ...home];
      assert.equal((await runCli(raised, { stopWhen: stop() })).code, 0);
      rmSync(home[1] ?? "", { recursive: true });
    }
  });

  test("warns of an address that others can reach", async () => {
    const { stderr } = await runCli(["serve", linear, "--port", "0", "--host", "0.0.0.0", "--log-format", "text"], {
      stopWhen: stop(),
    });
    assert.match(stderr, /warning: 0\.0\.0\.0 is not only this machine/);
  });

  test("where nobody looks on, or with --log-format json, stderr is a line of JSON each", async () => {
    const { stderr } = await runCli(["serve", linear, "--port", "0"], { stopWhen: stop() });
    const lines = stderr.trim().split("\n");
    const [first, last] = [lines[0], lines.at(-1)].map((line) => JSON.parse(line ?? "") as Record<string, unknown>);
    assert.equal(first?.["level"], "info");
    assert.match(String(first?.["msg"]), /^Listening on http:\/\/127\.0\.0\.1:\d+ with 1 worker\.$/);
    assert.match(String(first?.["time"]), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.match(String(last?.["msg"]), /^Stopping/);
  });

  test("a busy port is an error with a fix and exit code 1", async () => {
    const { createServer } = await import("node:net");
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await runCli(["serve", linear, "--port", String(port)]);
    other.close();
    assert.match(stderr, new RegExp(`^error: Port ${port} on 127\\.0\\.0\\.1 is already in use\\.\nfix: `));
    assert.equal(code, 1);
  });
});
