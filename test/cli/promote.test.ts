// `promote` and `rollback`: what they refuse before any registry is asked, what they say when none answers, and the lines of
// docs/mlflow.md that need none. With a real registry: test/e2e/mlflow-client/serve-registry.test.ts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { spawnCli } from "../e2e/spawn-cli.ts";
import { json, lyingServer } from "../loaders/mlflow/lying-server.ts";
import { root } from "./run-in-process.ts";

const nowhere = { MLFLOW_TRACKING_URI: "http://127.0.0.1:9", MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" };

describe("promote and rollback", () => {
  test("refuse what is no version, no name and no alias, as wrong usage", async () => {
    for (const args of [
      ["promote", "ride"],
      ["promote", "ride", "0"],
      ["promote", "ride", "v3"],
      ["promote", "ride", "1e3"],
      ["promote", "models:/ride", "3"],
      ["promote", "ride", "3", "--alias", "latest"],
      ["promote", "ride", "3", "--alias", "v3"],
      ["promote", "ride", "3", "--alias", "a/b"],
      ["promote", "", "3"],
      ["rollback", "ride", "3"],
      ["rollback", "ride", "--alias", "../x"],
    ]) {
      const { code, stderr } = await spawnCli(args, { env: nowhere });
      assert.equal(code, 2, `${args.join(" ")}: ${stderr}`);
    }
  });

  test("give exit code 75 while the registry does not answer", async () => {
    for (const args of [
      ["promote", "ride", "3"],
      ["rollback", "ride"],
    ]) {
      const { code, stderr, stdout } = await spawnCli([...args, "--json"], { env: nowhere });
      assert.equal(code, 75);
      assert.equal(stdout, "");
      assert.equal((JSON.parse(stderr) as { error: { code: string } }).error.code, "TRACKING_UNREACHABLE");
    }
  });

  test("move nothing on the word of a registry that answers garbage", async () => {
    const garbage = [json({}), json([1]), json({ model_version: { version: "../../etc" } }), json("x", 500)];
    for (const answer of garbage) {
      await using server = await lyingServer({ "/get": answer, "/alias": answer });
      const env = { MLFLOW_TRACKING_URI: server.url, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" };
      for (const args of [
        ["promote", "ride", "3"],
        ["rollback", "ride"],
      ]) {
        const { code } = await spawnCli(args, { env });
        assert.ok(code === 1 || code === 75, `${code}`);
      }
      assert.deepEqual(
        server.seen.filter((line) => !line.startsWith("GET ")),
        [],
      );
    }
  });

  test("say what docs/mlflow.md says that they do", async () => {
    const section = readFileSync(`${root}docs/mlflow.md`, "utf8").split("## When it does not work")[1] ?? "";
    const pairs = [...section.matchAll(/trimaran (.+)\n# (.+?) +\(exit code (\d+)\)/g)];
    assert.equal(pairs.length, 2);
    for (const [, line = "", said = "", code = ""] of pairs) {
      const done = await spawnCli(line.split(" "), { env: nowhere });
      assert.equal(done.stderr.split("\n")[0], said.trim());
      assert.equal(done.code, Number(code));
    }
  });
});
