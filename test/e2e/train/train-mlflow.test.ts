// `trimaran train` against the real MLflow server and against ours: what MLflow's own client sees of the run, the numbers that
// Python answers with the logged model, and `serve` and `predict` by the run's ID.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ride, serve } from "../../doors/web/fleet/fixtures.ts";
import { spawnCli } from "../spawn-cli.ts";
import { onnxPeer } from "./environments.ts";
import { ownServer, realServer, runPython, type Server } from "./servers.ts";

const { python, skip } = await onnxPeer();

const shared = process.env["TRIMARAN_SHARED"] ?? fileURLToPath(new URL("../../../../shared", import.meta.url));
const months = ["01", "02"].map((month) => join(shared, `data/rides/green_tripdata_2022-${month}.parquet`));
const hasRides = months.every((file) => existsSync(file));

/** Rides as the city writes them, made up: 3 minutes a mile, and more from some zones. */
function madeRides(count: number): string {
  const zones = [7, 42, 74, 130, 205];
  const rows = Array.from({ length: count }, (_, at) => {
    const from = zones[at % 5] ?? 7;
    const to = zones[(at * 3 + (at >> 3)) % 5] ?? 42;
    const miles = ((at * 37) % 120) / 10;
    const seconds = Math.round(90 + miles * 180 + from + to + ((at * 7919) % 61));
    const start = new Date(Date.UTC(2022, 0, 1, 0, at));
    const end = new Date(start.getTime() + seconds * 1000);
    const text = (time: Date): string => time.toISOString().slice(0, 19).replace("T", " ");
    return [text(start), text(end), from, to, miles].join(",");
  });
  return `lpep_pickup_datetime,lpep_dropoff_datetime,PULocationID,DOLocationID,trip_distance\n${rows.join("\n")}\n`;
}

function madeSubscribers(): string {
  const plans = ["basic", "plus", "family"];
  const rows = Array.from({ length: 600 }, (_, at) => {
    const plan = plans[at % 3] ?? "";
    const months = (at * 31) % 48;
    const calls = (at * 17) % 9;
    return [plan, months, calls, calls > 5 && months < 30 ? "left" : plan === "plus" ? "upgraded" : "stays"].join(",");
  });
  return `plan,months,calls,state\n${rows.join("\n")}\n`;
}

interface Trained {
  readonly run_id: string;
  readonly model_uri: string;
  readonly model_id: string | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly registered: { readonly name: string; readonly version: string } | null;
}

interface Asked {
  readonly columns: readonly string[];
  readonly answers: Readonly<Record<string, readonly (string | boolean)[]>>;
  readonly vectors: Readonly<Record<string, readonly (string | boolean)[]>>;
  readonly example_rows: number;
  readonly flavors: readonly string[];
  readonly run_id: string;
}

interface Place extends AsyncDisposable {
  readonly path: string;
  train(args: readonly string[]): Promise<Trained>;
  /** Our answers to feature rows, by the model alone. */
  predict(
    uri: string,
    rows: readonly unknown[],
    methods: string,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Python's, model by model. */
  ask(rows: readonly unknown[], ...uris: readonly string[]): Promise<readonly Asked[]>;
}

async function openPlace(server: Server): Promise<Place> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-train-e2e-"));
  const env = {
    MLFLOW_TRACKING_URI: server.url,
    TRIMARAN_HOME: join(path, "home"),
    HOME: path,
    USER: "ada",
    LOGNAME: "ada",
  };
  return {
    path,
    async train(args) {
      const done = await spawnCli(["train", ...args, "--json"], { env });
      assert.equal(done.code, 0, done.stderr);
      return JSON.parse(done.stdout) as Trained;
    },
    async predict(uri, rows, methods) {
      const stdin = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
      const done = await spawnCli(["predict", uri, "--method", methods], { env, stdin });
      assert.equal(done.code, 0, done.stderr);
      return done.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    },
    ask: async (rows, ...uris) =>
      (await runPython("ask_model.py", [JSON.stringify(rows), ...uris], {
        python,
        trackingUri: server.url,
        folder: path,
      })) as unknown as readonly Asked[],
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** Equal to the last bit. */
function assertEqual(theirs: readonly (string | boolean)[] | undefined, ours: readonly number[]): void {
  assert.deepEqual(theirs?.map(Number), ours);
}

const features = [
  { PU_DO: "130_205", trip_distance: 3.66 },
  { PU_DO: "7_42", trip_distance: 0.1 },
  { PU_DO: "never_seen", trip_distance: 11.25 },
];

const servers: Readonly<Record<string, () => Promise<Server>>> = {
  "the real MLflow server": () => realServer(python),
  "our tracking server": ownServer,
};

for (const [name, open] of Object.entries(servers)) {
  describe(`trimaran train with ${name}`, { skip }, () => {
    let server: Server;
    before(async () => {
      server = await open();
    });
    after(() => server[Symbol.asyncDispose]());

    test("logs what MLflow's client reads, and a model whose numbers are ours in Python and by run ID", async () => {
      await using place = await openPlace(server);
      const rides = join(place.path, "rides.csv");
      await writeFile(rides, madeRides(1500));
      const later = join(place.path, "later.csv");
      await writeFile(later, madeRides(400));
      const common = ["--deployment", ride, "--data", rides];
      const linear = await place.train(["linear", ...common, "--register", "ride-duration", "--alias", "champion"]);
      const forest = await place.train([
        "forest",
        ...common,
        "--trees",
        "20",
        "--validation",
        later,
        "--run-name",
        "wood",
      ]);
      const trained = [linear, forest];
      const uris = trained.map(({ model_uri: uri }) => uri);
      const asked = await place.ask(features, ...uris, "models:/ride-duration@champion");
      for (const [at, { model_uri: uri, run_id: runId }] of trained.entries()) {
        const ours = await place.predict(uri, features, "predict");
        assertEqual(
          asked[at]?.answers["predict"],
          ours.map(({ predict }) => Number(predict)),
        );
        assert.deepEqual(asked[at]?.vectors, asked[at]?.answers);
        assert.equal(asked[at]?.example_rows, 5);
        assert.deepEqual(asked[at]?.flavors, ["onnx", "python_function", "trimaran"]);
        assert.equal(asked[at]?.run_id, runId);
      }
      assert.deepEqual(linear.registered, { name: "ride-duration", version: "1", alias: "champion" });
      assert.deepEqual(asked[2]?.answers, asked[0]?.answers);

      const seen = await runPython("read_run.py", [forest.run_id], {
        python,
        trackingUri: server.url,
        folder: place.path,
      });
      assert.equal(seen["status"], "FINISHED");
      const { params, metrics, tags, datasets, artifacts, models, files } = seen as Record<
        string,
        Record<string, unknown>
      >;
      assert.equal(params?.["n_estimators"], "20");
      assert.deepEqual(metrics?.["rmse"], forest.metrics["rmse"]);
      assert.deepEqual([tags?.["mlflow.user"], tags?.["mlflow.runName"]], ["ada", "wood"]);
      assert.deepEqual(
        (datasets as unknown as readonly Record<string, unknown>[]).map(({ name, context, source }) => [
          name,
          context,
          source,
        ]),
        [
          ["rides.csv", "training", rides],
          ["later.csv", "validation", later],
        ],
      );
      assert.deepEqual(artifacts, ["importance.json", "left_out_rows.json"]);
      assert.ok((files as unknown as readonly string[]).some((file) => file.endsWith("MLmodel")));
      const [model] = models as unknown as readonly Record<string, unknown>[];
      assert.deepEqual([model?.["name"], model?.["run"]], ["model", forest.run_id]);
      assert.match(String(model?.["status"]), /READY/);

      const env = { MLFLOW_TRACKING_URI: server.url, RUN_ID: forest.run_id, TRIMARAN_HOME: join(place.path, "home") };
      await using running = await serve([ride, "--host", "127.0.0.1"], env);
      const answer = await fetch(`http://127.0.0.1:${running.port}/predict`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 }),
      });
      const [own] = await place.predict(forest.model_uri, features, "predict");
      assert.deepEqual(await answer.json(), { duration: own?.["predict"], model_version: forest.run_id });
    });

    test("classes by name, and numbers only, answer in Python as here", async () => {
      await using place = await openPlace(server);
      const file = join(place.path, "subscribers.csv");
      await writeFile(file, madeSubscribers());
      const common = ["forest", "--data", file, "--trees", "7", "--max-depth", "6", "--target"];
      const classes = await place.train([...common, "state"]);
      const rows = [
        { plan: "basic", months: 3.5, calls: 8.5 },
        { plan: "plus", months: 40, calls: 0.5 },
        { plan: "none", months: 12.5, calls: 3 },
      ];
      const numbers = await place.train([...common, "calls", "--features", "months"]);
      const [asked, matrix] = await place.ask(rows, classes.model_uri, numbers.model_uri);
      const ours = await place.predict(classes.model_uri, rows, "predict,predict_proba");
      assert.deepEqual(
        asked?.answers["predict"],
        ours.map(({ predict }) => predict),
      );
      for (const label of [0, 1, 2]) {
        const own = ours.map(({ predict_proba: all }) => Number((all as readonly number[])[label]));
        assertEqual(asked?.answers[`predict_proba_${label}`], own);
      }
      assert.ok((classes.metrics["accuracy"] ?? 0) > 0.9 && (classes.metrics["auc"] ?? 0) > 0.9);
      const plain = rows.map(({ months }) => ({ months }));
      const own = await place.predict(numbers.model_uri, plain, "predict");
      assertEqual(
        matrix?.answers["predict"],
        own.map(({ predict }) => Number(predict)),
      );
      assert.deepEqual(matrix?.vectors, matrix?.answers);
    });

    test("the city's rides: January learnt, February measured", {
      skip: hasRides ? false : "the rides are not here",
    }, async () => {
      await using place = await openPlace(server);
      const [january = "", february = ""] = months;
      const common = ["--deployment", ride, "--data", january, "--validation", february];
      const linear = await place.train(["linear", ...common]);
      assert.equal(linear.metrics["rows_training"], 59_603);
      assert.equal(linear.metrics["rows_validation"], 66_097);
      const forest = await place.train(["forest", ...common, "--trees", "10", "--max-depth", "12"]);
      assert.ok((forest.metrics["rmse"] ?? 99) < (linear.metrics["rmse"] ?? 0));
      const uris = [linear.model_uri, forest.model_uri];
      const asked = await place.ask(features, ...uris);
      for (const [at, uri] of uris.entries()) {
        const ours = await place.predict(uri, features, "predict");
        assertEqual(
          asked[at]?.answers["predict"],
          ours.map(({ predict }) => Number(predict)),
        );
      }
    });
  });
}
