// `tritonclient` of pip, by HTTP and by gRPC, and gRPC's own clients for health and reflection, against a real `trimaran serve`.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ServedGrpc, serveGrpc } from "../../doors/web/grpc/serve-grpc.ts";
import { findClients } from "./environment.ts";

interface Known {
  readonly rows: readonly (readonly number[])[];
  readonly forest: readonly number[];
  readonly labels: readonly string[];
  readonly proba: readonly (readonly number[])[];
}

interface Told {
  // biome-ignore lint/suspicious/noExplicitAny: what a client of another language says of any shape
  readonly [name: string]: any;
}

const python = await findClients();

describe("tritonclient 2.73.0", { skip: python === undefined && "tritonclient is not installed" }, () => {
  let folder: string;
  let known: Known;
  let server: ServedGrpc;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "trimaran-oip-"));
    const { stdout } = await promisify(execFile)(python ?? "", [file("make_models.py"), folder]);
    known = JSON.parse(stdout) as Known;
    const targets = [fileURLToPath(new URL("../../../examples/ride-duration", import.meta.url))];
    server = await serveGrpc([...targets, join(folder, "forest.pkl"), join(folder, "labels.pkl"), "--expose-model"]);
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const kind of ["http", "grpc"] as const) {
    test(`by ${kind}: health, metadata, inference, refusals, statistics, repository`, async () => {
      const address = `127.0.0.1:${kind === "http" ? server.port : server.grpcPort}`;
      const told = await ask(python ?? "", [file("client.py"), kind, address], known);
      assert.deepEqual(told["live"], [true, true, true]);
      assert.equal(told["server"].name, "trimaran");
      for (const name of ["model_repository", "binary_tensor_data", "statistics"]) {
        assert.ok(told["server"].extensions.includes(name));
      }
      const { forest, labels, "ride-duration": ride } = told["metadata"];
      assert.deepEqual(shapes(forest.inputs), ["input-0 FP64 -1,4"]);
      assert.deepEqual(shapes(forest.outputs), ["predict FP64 -1,1"]);
      assert.deepEqual(shapes(labels.outputs).slice(0, 2), ["predict BYTES -1,1", "predict_proba FP64 -1,2"]);
      assert.deepEqual(shapes(ride.inputs), [
        "PULocationID INT64 -1,1",
        "DOLocationID INT64 -1,1",
        "trip_distance FP64 -1,1",
      ]);
      assert.deepEqual(shapes(ride.outputs), ["duration FP64 -1,1"]);
      for (const form of kind === "http" ? ["True", "False"] : ["None"]) {
        const answers = told[`answers-${form}`];
        assert.equal(answers.id, "abc");
        assert.equal(answers.ride.length, 2);
        assert.equal(answers.bare[0], answers.ride[0]);
        assert.deepEqual(answers.forest, known.forest);
        assert.deepEqual(answers.labels, known.labels);
        assert.deepEqual(answers.proba, known.proba);
        const refused = told[`refused-${form}`];
        const [invalid, missing, late] =
          kind === "http"
            ? ["400", "404", "504"]
            : ["StatusCode.INVALID_ARGUMENT", "StatusCode.NOT_FOUND", "StatusCode.DEADLINE_EXCEEDED"];
        for (const what of ["model", "version"]) assert.equal(refused[what]?.[0], missing, what);
        for (const what of ["output", "name", "width", "datatype", "missing"]) {
          assert.equal(refused[what]?.[0], invalid, what);
        }
        assert.match(refused.name[1], /wrong/);
        assert.match(refused.missing[1], /trip_distance/);
        assert.equal(refused.timeout?.[0], late);
      }
      const [statistics] = told["statistics"].model_stats;
      assert.equal(statistics.name, "forest");
      assert.ok(Number(statistics.inference_count) >= 3);
      assert.ok(Number(statistics.inference_stats.compute_infer.ns) > 0);
      assert.ok(Number(statistics.inference_stats.fail.count) >= 3);
      const [ready, index] = told["unloaded"];
      assert.equal(ready, false);
      const models: readonly Told[] = kind === "http" ? index : index.models;
      assert.deepEqual(
        models.map(({ name, state }) => [name, state]),
        [
          ["ride-duration", "READY"],
          ["ride-duration.model", "READY"],
          ["forest", "UNAVAILABLE"],
          ["labels", "READY"],
        ],
      );
      assert.equal(told["while unloaded"][0], kind === "http" ? "503" : "StatusCode.UNAVAILABLE");
      assert.equal(told["loaded"], true);
      assert.equal(told["load of nothing"][0], kind === "http" ? "404" : "StatusCode.NOT_FOUND");
      if (kind === "http") return;
      assert.deepEqual(told["stream"][0], known.forest);
      assert.match(told["stream"][1], /nope/);
      assert.deepEqual(told["health"], ["SERVING", "SERVING"]);
      assert.deepEqual(told["services"], [
        "grpc.health.v1.Health",
        "inference.GRPCInferenceService",
        "inference.model_repository.ModelRepositoryService",
      ]);
      assert.equal(told["reflected"], true);
    });
  }
});

function file(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function shapes(tensors: readonly Told[]): readonly string[] {
  return tensors.map(({ name, datatype, shape }) => `${name} ${datatype} ${shape.join(",")}`);
}

async function ask(program: string, args: readonly string[], input: unknown): Promise<Told> {
  const running = promisify(execFile)(program, [...args], { maxBuffer: 1 << 26, timeout: 180_000 });
  running.child.stdin?.end(JSON.stringify(input));
  return JSON.parse((await running).stdout) as Told;
}
