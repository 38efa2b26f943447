// Batch jobs on Apache Spark: `trimaran score --engine local[2]` beside mlflow's spark_udf, Parquet to Parquet.
//
//   npm run bench -- score-spark [--rows 5000000] [--rounds 3] [--only linear,forest] [--quick] [--json]
//
// Both derive the duration, keep 1 to 60 minutes and write the course's eight columns, with two cores. spark_udf hands columns to a
// Python model that makes dicts for the pickled Pipeline(DictVectorizer, …). The time is that of the whole process, from its start
// (Spark's own included) to its end, ours of the installed tarball; the peer tells the seconds of its job alone too. The rows of both
// outputs are compared in each round: as many, with the same predictions. Needs Java 17; PySpark, mlflow and scikit-learn are installed by pip, once.
import { execFileSync } from "node:child_process";
import { mkdtempDisposableSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DuckDBInstance } from "@duckdb/node-api";
import { makePythonEnvironment } from "../scripts/python-environment.ts";
import { waitForQuiet } from "./report/quiet.ts";
import { median, medianRatio, shown, tableText } from "./report/statistics.ts";
import { manyRides, ridesDefinition, trainingMonth } from "./score/ride-files.ts";
import { timedProcess } from "./score/timed-process.ts";
import { installTarball } from "./serve/installed.ts";

const { values: flags } = parseArgs({
  options: {
    rows: { type: "string" },
    rounds: { type: "string" },
    only: { type: "string", default: "linear,forest" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const rows = Number(flags.rows ?? (flags.quick ? 100_000 : 5_000_000));
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const leastRatio = 3;
const root = fileURLToPath(new URL("..", import.meta.url));

const libraries = ["scikit-learn==1.5.1", "numpy==1.26.4", "scipy==1.14.0", "pandas==2.3.3", "pyarrow==21.0.0"];
const python = await makePythonEnvironment({
  name: "bench-spark",
  python: "3.12",
  pins: ["mlflow==3.17.2", "pyspark==4.3.0", "setuptools==80.9.0", "duckdb==1.2.2", ...libraries],
  fromSource: ["pyspark"],
});
const sparkHome = execFileSync(python, ["-c", "import pyspark; print(pyspark.__path__[0])"]).toString().trim();
const env = {
  ...process.env,
  ...{ SPARK_HOME: sparkHome, PYSPARK_PYTHON: python, SPARK_LOCAL_IP: "127.0.0.1" },
  PATH: `${dirname(python)}:${process.env["PATH"]}`,
};

using temporary = mkdtempDisposableSync(join(tmpdir(), "trimaran-bench-"));
const folder = temporary.path;
const at = (name: string): string => join(folder, name);
writeFileSync(at("deployment.yaml"), ridesDefinition);
// A clone would build itself for each job.
const program = await installTarball(folder);
const rides = await manyRides(folder, rows);
await timedProcess([python, join(root, "bench/peers/score_peer.py"), "train", "-", trainingMonth, folder]);

interface Outcome {
  readonly model: string;
  readonly ours: number;
  readonly theirs: number;
  /** Of their job alone. */
  readonly theirJob: number;
  readonly ratio: number;
}

function ours(model: string): readonly string[] {
  const score = [process.execPath, program, "score", at("deployment.yaml"), "--model", model];
  const spark = ["--engine", "local[2]", "--spark-conf", "spark.ui.enabled=false"];
  return [
    ...score,
    "-i",
    rides,
    "-o",
    `${at("ours")}/`,
    ...spark,
    "--home",
    at("home"),
    "--log-level",
    "error",
    "--json",
  ];
}

const theirs = (model: string): readonly string[] => [
  ...[python, join(root, "bench/peers/spark_udf_peer.py")],
  ...[model, rides, at("theirs"), "local[2]"],
];

async function assertSameRows(): Promise<void> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const rowsOf = (side: string): string =>
    `SELECT lpep_pickup_datetime::TIMESTAMP, PULocationID, DOLocationID, round(actual_duration, 6), round(predicted_duration, 6), round(diff, 6)
     FROM read_parquet('${at(side)}/*.parquet')`;
  const ask = async (sql: string): Promise<number> => Number((await connection.runAndReadAll(sql)).getRowsJS()[0]?.[0]);
  const counts = [
    await ask(`SELECT count(*) FROM (${rowsOf("ours")})`),
    await ask(`SELECT count(*) FROM (${rowsOf("theirs")})`),
  ];
  const other = await ask(`SELECT count(*) FROM (${rowsOf("ours")} EXCEPT ALL ${rowsOf("theirs")})`);
  connection.closeSync();
  if (counts[0] !== counts[1] || other > 0) {
    throw new Error(`ours has ${counts[0]} rows, spark_udf ${counts[1]}; ${other} of ours are not among theirs`);
  }
}

const outcomes: Outcome[] = [];
for (const model of flags.only.split(",")) {
  const file = at(`${model}.pkl`);
  const [own, peer, jobs]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    for (const side of ["ours", "theirs"]) rmSync(at(side), { recursive: true, force: true });
    await waitForQuiet(20_000);
    own.push((await timedProcess(ours(file), { env })).seconds);
    await waitForQuiet(20_000);
    const timed = await timedProcess(theirs(file), { env });
    peer.push(timed.seconds);
    jobs.push(Number(timed.stdout.trim().split("\n").at(-1)));
    await assertSameRows();
  }
  const ratio = medianRatio(peer, own);
  outcomes.push({ model, ours: median(own), theirs: median(peer), theirJob: median(jobs), ratio });
}
if (flags.json) console.log(JSON.stringify({ bench: "score-spark", rows, outcomes }, null, 2));
else {
  const lines = outcomes.map(({ model, ours: own, theirs: peer, theirJob, ratio }) => [
    ...[model, shown(own), shown(peer), shown(theirJob), `${shown(ratio)} ×`, `≥ ${leastRatio} ×`],
    ratio >= leastRatio ? "met" : "missed",
  ]);
  const head = [`${rows} rides, local[2]`, "trimaran s", "spark_udf s", "its job alone s", "ratio", "target", ""];
  console.log(tableText([head, ...lines]));
}
