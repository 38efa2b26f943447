// `check`, in-process: a definition against its model, recorded rows, and where each setting comes from.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { forest, linear, parity, ride, root, runCli } from "./run-in-process.ts";

const folder = mkdtempSync(join(tmpdir(), "trimaran-check-"));
after(() => rmSync(folder, { recursive: true }));

const definition = (name: string, lines: string): string => {
  const file = join(folder, name);
  writeFileSync(
    file,
    `import { defineDeployment, integer, number, string } from "trimaran";
export default defineDeployment({
  model: ${JSON.stringify(linear)},
  ${lines}
  output: { duration: number() },
});
`,
  );
  return file;
};

describe("check", () => {
  test("passes the worked example and its rows from Python", async () => {
    const { code, stdout, stderr } = await runCli(["check", ride, "--parity", parity]);
    assert.match(stdout, /ride-duration fits .*lin_reg\.bin: 2 examples, 200 recorded rows answered alike/);
    assert.equal(stderr, "");
    assert.equal(code, 0);
  });

  test("reports every recorded row that is answered otherwise, by line and field", async () => {
    const lines = readFileSync(parity, "utf8").trimEnd().split("\n");
    const changed = lines.map((line, at) =>
      at === 3 || at === 7 ? line.replace(/"duration": (\d)/, '"duration": 9$1') : line,
    );
    const file = join(folder, "changed.ndjson");
    writeFileSync(file, [...changed, "{oops", '{"input": {}, "outptu": {}}'].join("\n"));
    const { code, stdout, stderr } = await runCli(["check", ride, "--parity", file, "--json"]);
    const { issues } = JSON.parse(stdout) as { issues: { path: string; code: string }[] };
    assert.deepEqual(
      issues.map(({ path, code }) => [path, code]),
      [
        ["/3/output/duration", "output_differs"],
        ["/7/output/duration", "output_differs"],
        ["/200", "parity_row"],
        ["/201", "parity_row"],
      ],
    );
    assert.equal((JSON.parse(stderr) as { error: { code: string } }).error.code, "CHECK_FAILED");
    assert.equal(code, 1);
  });

  test("takes a tolerance where a row names one", async () => {
    const file = join(folder, "close.ndjson");
    const input = '"input": {"PULocationID": 43, "DOLocationID": 238, "trip_distance": 1.16}';
    const output = '"output": {"duration": 7.3554182}';
    writeFileSync(file, `{${input}, ${output}, "tolerance": 1e-7}\n`);
    assert.equal((await runCli(["check", ride, "--parity", file])).code, 0);
    writeFileSync(file, `{${input}, ${output}}\n`);
    assert.equal((await runCli(["check", ride, "--parity", file])).code, 1);
  });

  test("fails on a feature that the model does not know, and names the one that is meant", async () => {
    const file = definition("wrong.ts", `input: { pu_do: string(), trip_distance: number() },`);
    const { code, stderr } = await runCli(["check", file]);
    assert.match(stderr, /does not know the feature "pu_do" \(did you mean "PU_DO"\?\)/);
    assert.equal(code, 1);
  });

  test("says of a definition that does not load which line is at fault", async () => {
    const file = join(folder, "broken.ts");
    writeFileSync(file, "export default defineDeployment({\n");
    const { code, stderr } = await runCli(["check", file]);
    assert.match(stderr, /^error: The definition .*broken\.ts cannot be loaded/);
    assert.equal(code, 1);
  });
});

describe("check --show-config", () => {
  const sourceOf = (stdout: string): Map<string, string> =>
    new Map(
      stdout
        .split("\n")
        .map((line) => /^(\S+) = (.*)$/.exec(line)?.slice(1) as [string, string])
        .filter(Boolean),
    );

  test("prints each setting with where it comes from: environment before section before default", async () => {
    const input = `input: { PU_DO: string(), trip_distance: number() },
  web: { port: 8123, requestTimeoutMs: 1500 },`;
    const file = definition("config.ts", input);
    const plain = sourceOf((await runCli(["check", file, "--show-config"])).stdout);
    assert.equal(plain.get("port"), "8123  (web.port)");
    assert.equal(plain.get("request-timeout"), "1500ms  (web.requestTimeoutMs)");
    assert.equal(plain.get("host"), "127.0.0.1  (default)");
    assert.equal(plain.get("model"), `${linear}  (definition)`);
    const env = { TRIMARAN_PORT: "9000", MODEL_URI: forest };
    const set = sourceOf((await runCli(["check", file, "--show-config"], { env })).stdout);
    assert.equal(set.get("port"), "9000  (TRIMARAN_PORT)");
    assert.equal(set.get("model"), `${forest}  (MODEL_URI)`);
  });

  test("the flag wins for the model, then TRIMARAN_MODEL, then MODEL_URI", async () => {
    const file = definition("model.ts", `input: { PU_DO: string(), trip_distance: number() },`);
    const call = ["check", file, "--show-config"];
    const byFlag = await runCli([...call, "--model", linear], {
      env: { MODEL_URI: "nowhere", TRIMARAN_MODEL: "nowhere" },
    });
    assert.equal(sourceOf(byFlag.stdout).get("model"), `${linear}  (--model)`);
    const byVariable = await runCli(call, { env: { MODEL_URI: "nowhere", TRIMARAN_MODEL: forest } });
    assert.equal(sourceOf(byVariable.stdout).get("model"), `${forest}  (TRIMARAN_MODEL)`);
  });
});

describe("check of a model alone", () => {
  const logged = `${root}test/golden/mlflow/recorded/m222/sklearn`;

  test("answers the rows that were logged with it", async () => {
    const { code, stdout, stderr } = await runCli(["check", logged]);
    assert.match(stdout, /^\S+sklearn answers 3 examples\n$/);
    assert.equal(stderr, "");
    assert.equal(code, 0);
  });

  test("says which logged row is refused, and why", async () => {
    const broken = join(folder, "broken");
    cpSync(logged, broken, { recursive: true });
    const example = {
      columns: ["a", "b", "c"],
      data: [
        [0.5, 1, 2],
        [0.5, "one", 2],
      ],
    };
    writeFileSync(join(broken, "input_example.json"), JSON.stringify(example));
    const { code, stdout, stderr } = await runCli(["check", broken, "--json"]);
    const { definition, issues } = JSON.parse(stdout) as { definition: null; issues: { path: string }[] };
    assert.equal(definition, null);
    assert.deepEqual(
      issues.map(({ path }) => path),
      ["/input_example/1/b"],
    );
    assert.match(stderr, /CHECK_FAILED/);
    assert.equal(code, 1);
  });

  test("compares recorded rows, and shows no settings of a definition", async () => {
    const rows = join(folder, "rows.ndjson");
    writeFileSync(rows, '{"input": {"PU_DO": "43_151", "trip_distance": 1.01}, "output": {"predict": 1}}\n');
    const { code, stdout } = await runCli(["check", linear, "--parity", rows, "--json"]);
    assert.match(stdout, /"path":"\/0\/output\/predict"/);
    assert.equal(code, 1);
    assert.equal((await runCli(["check", linear, "--show-config"])).code, 2);
  });
});
