// `trimaran train` in this process, over the embedded store and made-up rows: what it refuses, what it leaves out, what it logs, how
// runs end. With the real MLflow: test/e2e/train.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openTrackingClient } from "../../src/loaders/mlflow/tracking.ts";
import { endpointTable } from "../../src/mlflow/endpoint-table.ts";
import type { MessageOf } from "../../src/mlflow/wire/field-type.ts";
import { type CliCall, type CliResult, rowsOf, runCli } from "./run-in-process.ts";

interface Place extends AsyncDisposable {
  readonly path: string;
  write(name: string, text: string): Promise<string>;
  cli(args: readonly string[], call?: CliCall): Promise<CliResult>;
  /** The newest run. */
  run(): Promise<MessageOf<"Run">>;
}

async function place(): Promise<Place> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-train-"));
  const env = { TRIMARAN_HOME: join(path, "home"), USER: "ada", LOGNAME: "ada" };
  return {
    path,
    async write(name, text) {
      await mkdir(path, { recursive: true });
      await writeFile(join(path, name), text);
      return join(path, name);
    },
    cli: (args, call = {}) => runCli(args, { ...call, env: { ...env, ...call.env } }),
    async run() {
      const tracking = await openTrackingClient({ env });
      try {
        const { experiments } = await tracking.client.call(endpointTable.searchExperiments, { max_results: 100 });
        const experiment_ids = experiments.map(({ experiment_id = "" }) => experiment_id);
        const { runs } = await tracking.client.call(endpointTable.searchRuns, { experiment_ids, max_results: 1 });
        const [run] = runs;
        assert.ok(run);
        return run;
      } finally {
        await tracking.close();
      }
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** y = 3 + 2x, plus 10 in zone b. */
function lines(count: number): string {
  const rows = Array.from({ length: count }, (_, at) => {
    const zone = at % 3 === 0 ? "b" : "a";
    return `${at % 17},${zone},${3 + 2 * (at % 17) + (zone === "b" ? 10 : 0)}`;
  });
  return `x,zone,y\n${rows.join("\n")}\n`;
}

const definition = `name: points
input:
  x: { type: number, max: 100 }
  zone: { type: string }
features:
  x: x
  corner: "{zone}!"
output:
  y: { type: number }
batch:
  derive: { z: "y * 1.0" }
  where: "x < 16"
  truth: z
`;

interface ErrorLine {
  readonly error: {
    readonly code: string;
    readonly fix: string;
    readonly issues?: readonly { path: string; code: string }[];
  };
}

function errorOf({ stderr }: CliResult): ErrorLine["error"] {
  const line = stderr.split("\n").find((text) => text.startsWith('{"error"')) ?? "{}";
  return (JSON.parse(line) as ErrorLine).error;
}

describe("trimaran train refuses as wrong usage", () => {
  const wrong: readonly (readonly string[])[] = [
    ["tree", "--data", "x.csv", "--target", "y"],
    ["linear", "--target", "y"],
    ["linear", "--data", "x.csv"],
    ["linear", "--data", "x.csv", "--target", "y", "--trees", "5"],
    ["linear", "--data", "x.csv", "--target", "y", "--no-bootstrap"],
    ["forest", "--data", "x.csv", "--target", "y", "--alpha", "1"],
    ["linear", "--data", "x.csv", "--target", "y", "--task", "classification"],
    ["forest", "--data", "x.csv", "--target", "y", "--trees", "0"],
    ["forest", "--data", "x.csv", "--target", "y", "--max-features", "many"],
    ["forest", "--data", "x.csv", "--target", "y", "--min-samples-leaf", "1.5"],
    ["forest", "--data", "x.csv", "--target", "y", "--seed", "-1"],
    ["forest", "--data", "x.csv", "--target", "y", "--seed", "4294967296"],
    ["forest", "--data", "x.csv", "--target", "y", "--workers", "0"],
    ["linear", "--data", "x.csv", "--target", "y", "--validation", "1"],
    ["linear", "--data", "x.csv", "--target", "y", "--validation", "0.2", "--validation", "v.csv"],
    ["linear", "--data", "x.csv", "--target", "y", "--alias", "champion"],
    ["linear", "--data", "x.csv", "--target", "y", "--register", "m", "--alias", "v3"],
    ["linear", "--data", "x.csv", "--target", "y", "--register", "m", "--save", "d"],
    ["linear", "--data", "x.csv", "--target", "y", "--register", "models:/m"],
    ["linear", "--data", "x.csv", "--deployment", "d", "--features", "x"],
  ];
  for (const args of wrong) {
    test(args.join(" "), async () => {
      const { code, stderr } = await runCli(["train", ...args], { env: {} });
      assert.equal(code, 2, stderr);
    });
  }
});

describe("trimaran train", () => {
  test("learns ready columns, texts as categories, and saves a folder that answers the same", async () => {
    await using here = await place();
    const data = await here.write("d.csv", lines(120));
    const saved = join(here.path, "model");
    const done = await here.cli(["train", "linear", "--data", data, "--target", "y", "--save", saved, "--json"]);
    assert.equal(done.code, 0, done.stderr);
    const report = JSON.parse(done.stdout) as { metrics: Record<string, number>; saved: string };
    assert.ok((report.metrics["rmse"] ?? 1) < 1e-6 && (report.metrics["training_r2"] ?? 0) > 0.999999);
    const asked = await here.cli(["predict", saved], { stdin: '{"x":4,"zone":"b"}\n' });
    const [{ predict }] = rowsOf(asked.stdout) as [{ predict: number }];
    assert.ok(Math.abs(predict - 21) < 1e-6, `${predict}`);
    const checked = await here.cli(["check", saved]);
    assert.equal(checked.code, 0, checked.stderr);
    assert.deepEqual((await readdir(here.path)).sort(), ["d.csv", "model"]);
  });

  test("saves one file, replaces a model of its own, and nothing else", async () => {
    await using here = await place();
    const data = await here.write("d.csv", lines(60));
    const train = (to: string): Promise<CliResult> =>
      here.cli(["train", "linear", "--data", data, "--target", "y", "--save", join(here.path, to), "--json"]);
    for (const to of ["m.onnx", "m.trimaran", "m", "m", "m.onnx"]) assert.equal((await train(to)).code, 0, to);
    const asked = await here.cli(["predict", join(here.path, "m.trimaran")], { stdin: '{"x":1,"zone":"a"}\n' });
    assert.equal(asked.code, 0, asked.stderr);
    await here.write("other/keep.txt", "mine").catch(async () => {
      await mkdir(join(here.path, "other"));
      await here.write("other/keep.txt", "mine");
    });
    const refused = await train("other");
    assert.deepEqual([refused.code, errorOf(refused).code], [1, "FILE_NOT_WRITABLE"]);
    assert.equal(readFileSync(join(here.path, "other/keep.txt"), "utf8"), "mine");
  });

  test("trains for a definition: its SQL, its input, its features; logs the run and prints what to type next", async () => {
    await using here = await place();
    const data = await here.write("d.csv", lines(170));
    const file = await here.write("points.yaml", definition);
    const done = await here.cli([
      "train",
      "forest",
      "--deployment",
      file,
      "--data",
      data,
      "--trees",
      "3",
      "--run-name",
      "first",
    ]);
    assert.equal(done.code, 0, done.stderr);
    const [first = "", next = ""] = done.stdout.split("\n");
    const runId = /^RUN_ID=([0-9a-f]{32})$/.exec(first)?.[1] ?? "";
    assert.equal(next, `RUN_ID=${runId} trimaran serve ${file}`);
    const { info, data: logged, inputs } = await here.run();
    assert.deepEqual([info?.run_id, info?.status, info?.run_name], [runId, "FINISHED", "first"]);
    const params = Object.fromEntries((logged?.params ?? []).map(({ key = "", value }) => [key, value]));
    assert.equal(params["n_estimators"], "3");
    assert.equal(params["target"], "z");
    const metrics = Object.fromEntries((logged?.metrics ?? []).map(({ key = "", value }) => [key, value]));
    assert.equal(metrics["rows_filtered"], 10);
    assert.ok(metrics["rmse"] !== undefined && metrics["mae"] !== undefined && metrics["training_r2"] !== undefined);
    const tags = Object.fromEntries((logged?.tags ?? []).map(({ key = "", value }) => [key, value]));
    assert.equal(tags["mlflow.user"], "ada");
    assert.equal(tags["mlflow.source.name"], "trimaran train forest");
    assert.match(tags["trimaran.definition_digest"] ?? "", /^sha256:[0-9a-f]{64}$/);
    const [dataset] = inputs?.dataset_inputs ?? [];
    assert.equal(dataset?.dataset?.name, "d.csv");
    assert.match(dataset?.dataset?.digest ?? "", /^[0-9a-f]{16}$/);
    const asked = await here.cli(["predict", file], { stdin: '{"x":3,"zone":"a"}\n', env: { RUN_ID: runId } });
    const [answer] = rowsOf(asked.stdout) as [{ y: number }];
    assert.ok(Math.abs(answer.y - 9) < 4, asked.stdout);
  });

  test("registers the model and moves the alias", async () => {
    await using here = await place();
    const data = await here.write("d.csv", lines(60));
    const args = [
      "train",
      "linear",
      "--data",
      data,
      "--target",
      "y",
      "--register",
      "points",
      "--alias",
      "champion",
      "--json",
    ];
    for (const version of ["1", "2"]) {
      const done = await here.cli(args);
      assert.equal(done.code, 0, done.stderr);
      assert.deepEqual((JSON.parse(done.stdout) as { registered: unknown }).registered, {
        name: "points",
        version,
        alias: "champion",
      });
    }
    const asked = await here.cli(["predict", "models:/points@champion"], { stdin: '{"x":1,"zone":"a"}\n' });
    assert.equal(asked.code, 0, asked.stderr);
  });

  test("gives the same model for the same seed with any number of workers, and another one for another seed", async () => {
    await using here = await place();
    const noisy = `x,y\n${Array.from({ length: 200 }, (_, at) => `${at},${(at * 7919) % 101}`).join("\n")}\n`;
    const data = await here.write("d.csv", noisy);
    const answer = async (seed: string, workers: string): Promise<string> => {
      const to = join(here.path, `m-${seed}-${workers}.trimaran`);
      const flags = ["--trees", "6", "--seed", seed, "--workers", workers, "--save", to];
      const done = await here.cli(["train", "forest", "--data", data, "--target", "y", ...flags]);
      assert.equal(done.code, 0, done.stderr);
      return readFileSync(to, "base64");
    };
    const one = await answer("7", "1");
    assert.equal(await answer("7", "3"), one);
    assert.notEqual(await answer("8", "1"), one);
  });

  test("counts what it leaves out by field and reason, and names no value", async () => {
    await using here = await place();
    const rows = ["999,a,1", "nope,a,1", ",a,1", "1,,2", "2,a,", "3,a,secret"].join("\n");
    const data = await here.write("d.csv", `${lines(80)}${rows}\n4,a\n`);
    const plain = definition.replace(/ {2}derive.*\n {2}where.*\n {2}truth: z\n/, "  truth: y\n");
    const file = await here.write("points.yaml", plain);
    const trained = await here.cli(["train", "linear", "--deployment", file, "--data", data, "--json"]);
    assert.equal(trained.code, 0, trained.stderr);
    const report = JSON.parse(trained.stdout) as { left_out: { path: string; code: string; count: number }[] };
    const counts = Object.fromEntries(report.left_out.map(({ path, code, count }) => [`${path} ${code}`, count]));
    assert.deepEqual(counts, {
      "/x missing_field": 1,
      "/x out_of_range": 1,
      "/x wrong_type": 1,
      "/zone missing_field": 1,
      "/y missing_target": 1,
      "/y wrong_target": 1,
      " missing_columns": 1,
    });
    const said = trained.stderr.split("\n").find((line) => line.startsWith("warning:")) ?? "";
    assert.match(said, /^warning: left out 7 rows: /);
    assert.ok(!said.includes("nope") && !said.includes("999") && !said.includes("secret"), said);
  });

  test("is a typed error, and a FAILED run, where nothing can be learnt", async () => {
    await using here = await place();
    const bad = await here.write("bad.csv", "x,y\n,1\n,2\n");
    const none = await here.cli(["train", "linear", "--data", bad, "--target", "y", "--json"]);
    assert.deepEqual([none.code, errorOf(none).code], [1, "TRAIN_NO_ROWS"]);
    assert.deepEqual(
      errorOf(none).issues?.map(({ path, code }) => [path, code]),
      [["/x", "missing_value"]],
    );
    assert.equal((await here.run()).info?.status, "FAILED");
    const one = await here.write("one.csv", "x,y\n1,a\n2,a\n");
    const same = await here.cli(["train", "forest", "--data", one, "--target", "y", "--validation", "0", "--json"]);
    assert.deepEqual([same.code, errorOf(same).code], [1, "TRAIN_ONE_CLASS"]);
    assert.equal((await here.run()).info?.status, "FAILED");
    for (const name of ["a=b", "predict", "value_1"]) {
      const named = await here.write("named.csv", `${name},c,y\n1,p,1\n2,q,2\n`);
      const refused = await here.cli([
        "train",
        "linear",
        "--data",
        named,
        "--target",
        "y",
        "--validation",
        "0",
        "--json",
      ]);
      assert.deepEqual([refused.code, errorOf(refused).code], [1, "TRAIN_NAME"], name);
    }
  });

  test("keeps a model that ONNX cannot say for itself, and says so", async () => {
    await using here = await place();
    const data = await here.write("d.csv", "x,z,y\n1,2,3\n2,3,4\n3,4,5\n4,5,7\n");
    const file = await here.write(
      "mixed.mjs",
      `import { defineDeployment, integer, number } from "trimaran";
export default defineDeployment({
  input: { x: integer(), z: number() },
  features: (row) => ({ mixed: row.x > 2 ? "many" : row.x, z: row.z }),
  output: { y: number() },
  batch: { truth: "y" },
});
`,
    );
    const args = ["train", "linear", "--deployment", file, "--data", data, "--validation", "0", "--json"];
    const done = await here.cli(args);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stderr, /Python cannot load this one/);
    const { run_id: RUN_ID } = JSON.parse(done.stdout) as { run_id: string };
    const asked = await here.cli(["predict", file], { stdin: '{"x":3,"z":4}\n', env: { RUN_ID } });
    const [{ y }] = rowsOf(asked.stdout) as [{ y: number }];
    assert.ok(Math.abs(y - 5) < 1e-6, asked.stdout);
    const refused = await here.cli([...args, "--save", join(here.path, "m.onnx")]);
    assert.deepEqual([refused.code, errorOf(refused).code], [1, "TRAIN_ONNX"]);
  });

  test("says what is wrong with data, columns and targets", async () => {
    await using here = await place();
    const data = await here.write("d.csv", "x,at,y,word\n1,2022-01-01 10:00:00,2,a\n2,2022-01-02 10:00:00,3,b\n");
    const file = await here.write("d.yaml", definition);
    const code = async (...args: string[]): Promise<string> =>
      errorOf(await here.cli(["train", ...args, "--json"])).code;
    assert.equal(await code("linear", "--data", join(here.path, "*.parquet"), "--target", "y"), "TRAIN_FILES");
    assert.equal(await code("linear", "--data", "s3://bucket/x.parquet", "--target", "y"), "TRAIN_LOCATION");
    assert.equal(await code("linear", "--data", here.path, "--target", "y"), "FILE_NOT_READABLE");
    assert.equal(await code("linear", "--data", data, "--target", "Y2"), "TABLE_COLUMN");
    assert.equal(await code("linear", "--data", data, "--target", "y", "--features", "x,z"), "TABLE_COLUMN");
    assert.equal(await code("linear", "--data", data, "--target", "y", "--features", "x,y"), "TRAIN_TARGET");
    assert.equal(await code("linear", "--data", data, "--target", "y"), "TRAIN_COLUMN");
    assert.equal(await code("linear", "--data", data, "--target", "word", "--features", "x"), "TRAIN_TARGET");
    assert.equal(await code("forest", "--data", data, "--target", "at", "--features", "x"), "TRAIN_TARGET");
    assert.equal(await code("linear", "--data", data, "--deployment", file), "TABLE_COLUMN");
    assert.equal(await code("linear", "--data", data, "--deployment", join(here.path, "none.yaml")), "FILE_NOT_FOUND");
  });

  test("ends the run as KILLED on Ctrl-C, with exit code 130", async () => {
    await using here = await place();
    const data = await here.write("d.csv", lines(20_000));
    const args = ["train", "forest", "--data", data, "--target", "y", "--trees", "500", "--log-level", "debug"];
    const done = await here.cli(args, { stopWhen: { says: /Run [0-9a-f]{32} on /, reason: "SIGINT" } });
    assert.equal(done.code, 130, done.stderr);
    assert.equal(done.stdout, "");
    assert.equal((await here.run()).info?.status, "KILLED");
  });

  test("is not begun, with exit code 75, while the tracking server does not answer", async () => {
    await using here = await place();
    const data = await here.write("d.csv", lines(20));
    const env = { MLFLOW_TRACKING_URI: "http://127.0.0.1:9", MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" };
    const done = await here.cli(["train", "linear", "--data", data, "--target", "y", "--json"], { env });
    assert.deepEqual([done.code, errorOf(done).code], [75, "TRACKING_UNREACHABLE"]);
  });
});
