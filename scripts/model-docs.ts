// The text of docs/models.md, made from the estimator table and from the goldens that are answered.

import { opWriters } from "../src/formats/onnx/op-writers.ts";
import type { EstimatorRecord } from "../src/formats/sklearn/estimator.ts";
import type { AnsweredGolden } from "./answered-goldens.ts";
import { compareVersions } from "./compare-versions.ts";
import { ownClassesDocs } from "./own-classes-docs.ts";

export interface ModelDocsParts {
  readonly estimators: readonly EstimatorRecord[];
  readonly goldens: readonly AnsweredGolden[];
}

const head = `# Models

What Trimaran reads, and how near its numbers are to Python's. \`npm run docs\` writes this page from the estimator table
(\`src/formats/sklearn/estimator-table.ts\`) and from the models that the real libraries recorded (\`test/golden/\`); a test holds
both equal. A model that is not here is refused with the path of what is not supported, never guessed.

**Versions** are those whose recorded files are answered in the tests: oldest – newest (how many). A file follows the rules
of the version that wrote it. **Methods** are those that were compared.

**Exactness**, against the library that wrote the file:

- \`exact\`: every number is Python's, bit for bit.
- \`near\`: at most 4 ulp of the output's own type, or 1e-12 of the sum of absolute terms, where Python's own result depends
  on BLAS or libm; labels may differ only at ties within that.
- \`loose\`: as the note says.

Our own numbers do not depend on batch size, door, kernel or machine: the same row gives the same bits. That holds for every
graph that our kernels compute. An ONNX file is computed by ONNX Runtime and is \`near\` or \`loose\`; so is a model behind another
server, which computes it.
`;

const containers = `## Files

| file | what is read |
|---|---|
| pickle | protocols 0 to 5, also as cloudpickle writes it: one estimator, or a tuple \`(vectorizer, model)\` |
| joblib | as it is, or compressed: zlib, gzip, bz2, xz, lzma, lz4 |
| \`.skops\` | what \`skops.io.dump\` writes, with the names that a pickle may hold |
| XGBoost | its JSON, UBJSON and old binary files |
| LightGBM | its text files |
| folder with an \`MLmodel\` | the model file that its flavour names; its environment is never read |
| XGBoost | JSON, UBJSON, the binary format of 0.x and 1.x; \`gbtree\` and \`dart\`, no \`gblinear\`. A file that a scikit-learn class saved answers as that class does |
| LightGBM | the text format, \`v2\` to \`v4\`; linear trees and data frames with categories, too |
| \`.onnx\` | through \`onnxruntime-node\`, which you install beside Trimaran |

Nothing in a file is run. Everything that a file names is held against an allow list of exact names.
`;

export function modelDocs({ estimators, goldens }: ModelDocsParts): string {
  const tables = [sklearnSection(estimators, goldens), boosterSection(estimators, goldens)];
  return `${[head, containers, ownClassesDocs, ...tables, onnxSection(), remoteDocs].join("\n").trimEnd()}\n`;
}

/** Wrappers of boosters stand in the same table, but are of other libraries. */
function isBooster({ classes }: EstimatorRecord): boolean {
  return classes.some((name) => name.startsWith("xgboost.") || name.startsWith("lightgbm."));
}

function sklearnSection(table: readonly EstimatorRecord[], goldens: readonly AnsweredGolden[]): string {
  const estimators = table.filter((record) => !isBooster(record));
  const rows = estimators.map((record) => {
    const classes = new Set(record.classes);
    const holding = goldens.filter((golden) => golden.classes.some((name) => classes.has(name)));
    const roots = holding.filter((golden) => classes.has(golden.estimator));
    const cells = [
      record.name,
      versionText(holding.filter(({ library }) => library === "scikit-learn").map(({ version }) => version)),
      methodText(roots),
      record.exactness,
      record.note ?? "",
      modulesOf(record),
    ];
    return `| ${cells.map(cellText).join(" | ")} |`;
  });
  return `## scikit-learn

${estimators.length} estimators. A class is known by its exact module: the newest stands first.

| estimator | versions | methods | exactness | note | modules |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

function boosterSection(estimators: readonly EstimatorRecord[], goldens: readonly AnsweredGolden[]): string {
  const records = new Map(estimators.flatMap((record) => record.classes.map((name) => [name, record] as const)));
  const boosters = goldens.filter(({ library }) => library !== "scikit-learn");
  const groups = Map.groupBy(boosters, ({ estimator }) => estimator);
  const rows = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([estimator, cases]) => {
      const files = [...new Set(cases.map(({ container }) => container))].sort().join(", ");
      const record = records.get(estimator);
      const versions = versionText(cases.map(({ version }) => version));
      const cells = [estimator, files, versions, methodText(cases), record?.exactness ?? "exact", record?.note ?? ""];
      return `| ${cells.map(cellText).join(" | ")} |`;
    });
  if (rows.length === 0) return "";
  return `## XGBoost and LightGBM

| class | files | versions | methods | exactness | note |
|---|---|---|---|---|---|
${rows.join("\n")}
`;
}

const remoteDocs = `
## A model behind another server

Where nothing here reads a model, serve it where its library is, with any server of the Open Inference Protocol v2 (MLServer, Triton,
KServe, or Trimaran itself), and give its address in place of a file, on the command line or as \`model\` of a definition:

\`\`\`
oip+http://host:port/v2/models/NAME          oip+grpc://host:port/NAME
oip+https://host/v2/models/NAME/versions/3   oip+grpcs://host:port/NAME/versions/3
\`\`\`

Each batch is one request: by HTTP with raw bytes where that server lists \`binary_tensor_data\`, else as JSON; by gRPC always raw. What
the model takes is read from its metadata: inputs of shape \`[-1]\` or \`[-1, 1]\` are columns by name, one of \`[-1, k]\` alone takes rows
of \`k\` numbers. A server that says nothing of it is helped out in the URI: \`?input=x:FP64:-1,4&output=predict\`. Every output is a
method; where none is called \`predict\`, the first answers as that too. Names, shapes and datatypes of an answer are checked.

A request ends after 30 s. It is sent again, three times at most, only where the server was not reached or said that it is busy
(429, 503, UNAVAILABLE). Answers over 64 MiB are refused, and so are redirects to another host. \`TRIMARAN_OIP_TOKEN\` in the environment
is sent as a bearer token; a URI with a password is refused. A batch that the server refuses is refused whole: it does not say which row.
`;

function onnxSection(): string {
  const rows = Object.entries(opWriters).flatMap(([kind, writer]) =>
    typeof writer === "function" ? [] : [`| ${kind} | ${cellText(writer.unsupported)} |`],
  );
  return `## ONNX

**Read.** A \`.onnx\` file, and a folder of MLflow with the flavour \`onnx\`, is computed by \`onnxruntime-node\`, which you install:
\`npm i onnxruntime-node\`. One input is a matrix by position, several are columns by name; every input has one or two dimensions, the
first of them the rows. An output named as a method is that method; of other names the first is \`predict\`, and numbers beside
labels are \`predict_proba\`. A missing number is refused unless the graph looks for one. Tensors in other files are refused,
and so are outputs that are no tensors (\`zipmap\`). The numbers are ONNX Runtime's: \`near\` or \`loose\`, as the file was made.
It may be the last step of a list, after a vectorizer or transformers of ours: \`model: ["dv.pkl", "model.onnx"]\`. Their numbers go into
it by position, and what they refuse never reaches it. \`trimaran init model.onnx\` writes a definition; with ONNX Runtime installed it
records the file's own answer as the example.

**Written.** \`trimaran export MODEL -o model.onnx\` writes doubles throughout, within 1e-12 of our numbers where no sums cancel;
a forest then needs ONNX Runtime 1.21 or later. \`--precision float32\` adds leaves in float32, within 1e-5, for older ones; a
model that computes in float32 itself (XGBoost, estimators fitted on float32) is within 1e-5 too. The file's metadata says which. A row
that is refused here is answered there: ONNX has no refusals. A missing string is the empty string. Nearest neighbours at equal
distances are taken in the order of their rows, there as here; of rows of more than 512 numbers, and for cosine
distances, ONNX Runtime adds in an order of its own, so that distances which are equal here may differ there in the last digit, and another of the equals is taken.
Polynomials and powers that overflow are infinite or NaN there as here, not always the same of the two. These operations cannot be
written, and neither can a forest to which the absent cells of a sparse row are missing, a table of cells of mixed types, or
category sets and linear leaves that would make tables of over 64 and 128 MiB:

| operation | why |
|---|---|
${rows.join("\n")}
`;
}

/** `0.24.2 – 1.9.1 (8)` */
function versionText(versions: readonly string[]): string {
  const sorted = [...new Set(versions)].sort(compareVersions);
  const [first] = sorted;
  if (first === undefined) return "–";
  return sorted.length === 1 ? first : `${first} – ${sorted.at(-1)} (${sorted.length})`;
}

function methodText(goldens: readonly AnsweredGolden[]): string {
  const methods = new Set(goldens.flatMap((golden) => golden.methods));
  return [...methods].sort().join(", ") || "–";
}

function modulesOf({ classes, name }: EstimatorRecord): string {
  return classes
    .map((path) => (path.endsWith(`.${name}`) ? path.slice(0, -name.length - 1) : path))
    .map((module) => `\`${module}\``)
    .join(", ");
}

function cellText(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
