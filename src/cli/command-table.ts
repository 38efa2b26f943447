// Every command, as data. `--help` is made of this, and a test holds docs and flags equal to it.
import { aliasCommands } from "./alias-commands.ts";
import type { Command } from "./command.ts";
import {
  homeFlag,
  maxModelBytesFlag,
  memberFlag,
  modelFlag,
  outputFlag,
  requireTrackingFlag,
  threadsFlag,
} from "./common-flags.ts";
import { fleetFlags } from "./fleet-flags.ts";
import { lambdaCommand } from "./lambda-command.ts";
import { limitFlag } from "./limit-flag.ts";
import { packageFlags } from "./package-flags.ts";
import { scoreCommand } from "./score-command.ts";
import { streamCommand } from "./stream-command.ts";
import { telemetryFlags } from "./telemetry-flags.ts";
import { trackingFlags } from "./tracking-flags.ts";
import { trainCommand } from "./train-command.ts";
import { webFlags } from "./web-flags.ts";

const target = {
  name: "TARGET",
  says: "a model (a file, or a folder with an MLmodel) or a definition (deployment.ts, .js, .mjs, .yaml, or its folder)",
  many: false,
};

const model = { name: "MODEL", says: "a model file, or a folder with an MLmodel", many: false };

export const commands: readonly Command[] = [
  {
    name: "inspect",
    says: "say what a model file is, without running it",
    about: [
      "Format, the versions that wrote it, classes, operations, inputs, outputs, size and digest; and everything that opening the file in Python would run that no model needs. Nothing in the file is executed, and no definition is loaded.",
      "Formats: pickle (protocols 0 to 5) and joblib files, also compressed, model folders of MLflow, and ONNX.",
      "Exit code 1 when the file would be refused; the findings are printed all the same.",
    ],
    argument: model,
    flags: [memberFlag, maxModelBytesFlag, limitFlag],
    examples: [
      { says: "What is in this pickle?", line: "trimaran inspect lin_reg.bin" },
      { says: "Only the method names, for a script", line: "trimaran inspect --json model/ | jq '.methods'" },
      {
        says: "Is a file from the internet safe to open in Python?",
        line: "trimaran inspect --json unknown.pkl | jq '.findings'",
      },
    ],
    load: () => import("./commands/inspect.ts"),
  },
  {
    name: "init",
    says: "write a definition for a model",
    about: [
      "Writes a typed deployment.ts (or deployment.yaml) that takes the model's own features and passes `trimaran check` as it is. From there on it is yours: rename inputs, derive features, name outputs.",
      "Nothing that is already there is overwritten without --force.",
    ],
    argument: model,
    flags: [
      { ...outputFlag, value: "FILE|DIR", fallback: ".", says: "the file to write, or the folder to write it into" },
      { name: "yaml", type: "switch", says: "write deployment.yaml: the same as data, without TypeScript" },
      { name: "force", type: "switch", says: "overwrite" },
      memberFlag,
      maxModelBytesFlag,
      limitFlag,
    ],
    examples: [
      { says: "Start a definition beside the model", line: "trimaran init lin_reg.bin" },
      { says: "Into a folder of its own, as YAML", line: "trimaran init lin_reg.bin --yaml -o ride-duration/" },
    ],
    load: () => import("./commands/init.ts"),
  },
  {
    name: "predict",
    says: "rows in, predictions out, in order",
    about: [
      "Line i of the output belongs to line i of the input. An input line is a JSON object, an array of numbers or a string; in a .csv file a row under the header. A row that cannot be answered gives its error in its place, the others still answer, and the exit code is 1.",
      "With a definition rows are its `input` and answers its `output`; a model alone takes its own features and answers one key a method.",
    ],
    argument: target,
    flags: [
      {
        name: "input",
        short: "i",
        value: "FILE",
        type: "text",
        fallback: "-",
        says: "rows: .csv is CSV, everything else NDJSON; - is stdin",
      },
      { ...outputFlag, fallback: "-", says: "answers: .csv is CSV, everything else NDJSON; - is stdout" },
      {
        name: "method",
        value: "NAMES",
        type: "names",
        says: "what a model alone computes: predict, predict_proba, decision_function, transform, …",
      },
      threadsFlag,
      modelFlag,
      memberFlag,
      maxModelBytesFlag,
      limitFlag,
    ],
    examples: [
      {
        says: "One ride, answered on stdout",
        line: `echo '{"PULocationID": 10, "DOLocationID": 50, "trip_distance": 40}' | trimaran predict examples/ride-duration`,
      },
      {
        says: "A file of rows to a file of answers",
        line: "trimaran predict deployment.ts -i rides.ndjson -o answers.csv",
      },
      {
        says: "A bare model, its own features",
        line: `echo '{"PU_DO": "43_238", "trip_distance": 2.5}' | trimaran predict lin_reg.bin`,
      },
    ],
    load: () => import("./commands/predict.ts"),
  },
  {
    name: "check",
    says: "test a definition against its model, or a model alone",
    about: [
      "Runs the examples, runs `features` twice, and compares the feature names that the definition gives with those that the model takes. A model alone answers the rows that were logged with it (the input example of an MLmodel). With --parity also rows that were recorded in Python.",
      'A parity file has one JSON object a line: {"input": {…}, "output": {…}}, where "features" and "tolerance" may be added; numbers must be equal to the last digit unless "tolerance" says how far apart they may be.',
    ],
    argument: target,
    flags: [
      { name: "parity", value: "FILE", type: "text", says: "rows recorded in Python, as NDJSON" },
      {
        name: "show-config",
        type: "switch",
        says: "print every setting of `serve` with its value and where it comes from",
      },
      modelFlag,
      memberFlag,
      maxModelBytesFlag,
      limitFlag,
    ],
    examples: [
      { says: "Does this definition fit its model?", line: "trimaran check examples/ride-duration" },
      { says: "Does this model answer the example that MLflow logged with it?", line: "trimaran check model/" },
      {
        says: "And does it answer what Python answered?",
        line: "trimaran check examples/ride-duration --parity examples/ride-duration/parity.ndjson",
      },
      {
        says: "Which port would `serve` take, and who says so?",
        line: "TRIMARAN_PORT=8080 trimaran check deployment.ts --show-config",
      },
    ],
    load: () => import("./commands/check.ts"),
  },
  {
    name: "serve",
    says: "answer POST /predict",
    about: [
      "One service for all targets: POST /predict answers for the first one, POST /predict/<name> for each. GET /health/live and /health/ready tell its state. SIGTERM and Ctrl-C stop taking connections and finish what is being answered; SIGHUP reads definition and model anew without losing a connection.",
      "A supervisor holds the port and keeps --workers processes that answer: one that dies or is stuck is replaced, and connections that wait are not lost. A new model in the same place, or an edited definition, is loaded, verified and put in the place of the old one by itself, unless --pin is given; one that is refused changes nothing.",
      "With --json one line on stdout says where it listens as soon as it does.",
    ],
    argument: { ...target, many: true },
    flags: [
      ...webFlags,
      ...fleetFlags,
      ...telemetryFlags,
      homeFlag,
      requireTrackingFlag,
      modelFlag,
      memberFlag,
      maxModelBytesFlag,
      limitFlag,
    ],
    examples: [
      { says: "The worked example", line: "trimaran serve examples/ride-duration" },
      { says: "A pickle alone, on another port", line: "trimaran serve lin_reg.bin --port 8080" },
      { says: "One process a core", line: "trimaran serve examples/ride-duration --workers auto" },
      { says: "A newer model under the same definition", line: "trimaran serve deployment.ts --model models/2022-03/" },
    ],
    load: () => import("./commands/serve.ts"),
  },
  lambdaCommand,
  scoreCommand,
  streamCommand,
  trainCommand,
  ...aliasCommands,
  {
    name: "export",
    says: "write a model as ONNX, as SQL, or as Trimaran's own file",
    about: [
      "A FILE.trimaran is our own: read without Python, it keeps every method and answers the same to the last bit.",
      "Writes an ONNX file that any ONNX Runtime computes: a matrix is one input X of doubles; of a dictionary or a table each feature is an input of its own, strings or doubles of shape [rows, 1]. Each method is an output.",
      "An operation that ONNX cannot say is refused by name. The file's metadata says its precision. ONNX knows no refusals: what the model would refuse, it answers with NaN or a number.",
      "With --sql a linear model, a tree or a small ensemble becomes a query for DuckDB or PostgreSQL, with the templates, derived columns and filter of a deployment.yaml. Before it is written DuckDB runs it on some thousand rows, and it must answer what the model answers. Larger models are refused: the database would be slower than `trimaran score`.",
    ],
    argument: target,
    flags: [
      {
        ...outputFlag,
        value: "FILE",
        says: "the file to write, .onnx or .trimaran; - is ONNX on stdout. With --sql .sql or -, its default",
      },
      {
        name: "sql",
        value: "DIALECT",
        type: "choice",
        choices: ["duckdb", "postgres"],
        says: "write a query for this database",
      },
      {
        name: "table",
        value: "NAME",
        type: "text",
        says: "with --sql: the table that the query reads, such as rides or public.rides; input without it",
      },
      {
        name: "keep",
        value: "NAMES",
        type: "names",
        says: "with --sql: columns of the table beside the answers; without it those that the target reads, or what a definition's batch.write says",
      },
      {
        name: "rows",
        value: "FILE",
        type: "text",
        says: "with --sql: a Parquet, CSV or NDJSON file to compare SQL and model on; without it rows are made of the model's vocabulary",
      },
      {
        name: "precision",
        value: "TYPE",
        type: "choice",
        choices: ["float64", "float32"],
        fallback: "float64",
        says: "how leaves of trees are added: float64 needs ONNX Runtime 1.21 or later, float32 runs on older ones, within 1e-5",
      },
      {
        name: "method",
        value: "NAMES",
        type: "names",
        says: "the outputs of the file; without it every method of the model, with --sql its default",
      },
      modelFlag,
      memberFlag,
      maxModelBytesFlag,
      limitFlag,
    ],
    examples: [
      { says: "For a program that speaks ONNX", line: "trimaran export lin_reg.bin -o lin_reg.onnx" },
      { says: "For Trimaran, without the pickle", line: "trimaran export lin_reg.bin -o model.trimaran" },
      {
        says: "Only the probabilities, for an older runtime",
        line: "trimaran export churn.pkl --method predict_proba --precision float32 -o churn.onnx",
      },
      {
        says: "The worked example as a query over a table of PostgreSQL's",
        line: "trimaran export examples/ride-duration-yaml --sql postgres --table public.rides -o ride-duration.sql",
      },
    ],
    load: () => import("./commands/export.ts"),
  },
  {
    name: "package",
    says: "write a folder that is deployed elsewhere: a container image, a function",
    about: [
      "Writes a build context: the definition with the modules that it imports, the model, Trimaran itself and the packages that run here, in their exact versions. README.md in the folder says how to build, run and ask it. The target is opened and checked first.",
      "A model behind a URI stays a URI. From a clone Trimaran is packed as it stands; installed from npm, the build takes the same version from the registry.",
      "Nothing of this machine is written: no paths, no names, no environment. The folder appears whole or not at all, and replaces only one that this command wrote.",
    ],
    argument: target,
    flags: [...packageFlags, modelFlag, memberFlag, maxModelBytesFlag],
    examples: [
      {
        says: "The worked example as an image",
        line: "trimaran package examples/ride-duration --out build/image --for docker",
      },
      {
        says: "With a compose.yaml, around another model",
        line: "trimaran package deployment.ts --model models/2022-03/ --out deploy/ --for docker,compose",
      },
      {
        says: "As a function for a Kinesis stream",
        line: "trimaran package examples/ride-duration --out build/lambda --for lambda",
      },
    ],
    load: () => import("./commands/package.ts"),
  },
  {
    name: "tracking",
    says: "run a tracking server that MLflow's clients speak to",
    about: [
      "Answers MLflow's REST API: experiments, runs, parameters, metrics, tags, data sets, logged models, the model registry and artifacts. Set MLFLOW_TRACKING_URI to the address that it prints.",
      "The store is an SQLite file or a PostgreSQL database in MLflow's own tables (those of 3.18): `mlflow server` opens it too, also at the same time. One that an older MLflow made is used when its tables are those of 3.6 or later; nothing is ever migrated.",
      "Requests are answered for the Host names localhost, host.docker.internal, this machine's own and private addresses, and for those of --allowed-hosts; pages of other origins may not write. Whoever reaches the port may do everything, unless --auth asks for an account.",
    ],
    argument: null,
    flags: trackingFlags,
    examples: [
      { says: "On this machine, everything below .trimaran/", line: "trimaran tracking" },
      {
        says: "For the containers on this machine too",
        line: "trimaran tracking --backend-store-uri ./mlruns --artifacts-destination ./artifacts --serve-artifacts --host 0.0.0.0 --port 5001",
      },
      {
        says: "Over the file of an MLflow server",
        line: "trimaran tracking --backend-store-uri sqlite:///mlflow.db --artifacts-destination ./mlartifacts",
      },
      {
        says: "Over PostgreSQL, with the password in PGPASSWORD",
        line: "trimaran tracking --backend-store-uri postgresql://me@db.example.org/mlflow --artifacts-destination s3://models/artifacts",
      },
    ],
    load: () => import("./commands/tracking.ts"),
  },
];
