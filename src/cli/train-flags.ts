// Flags of `trimaran train`.
import { homeFlag } from "./common-flags.ts";
import type { Flag } from "./flag.ts";

const number = (name: string, value: string, says: string): Flag => ({ name, value, type: "text", says });

const dataFlags: readonly Flag[] = [
  {
    name: "deployment",
    value: "FILE",
    type: "text",
    says: "the definition (or its folder) to train for: its batch.derive, batch.where and batch.truth, its input and its features",
  },
  {
    name: "data",
    value: "FILE",
    type: "texts",
    says: "rows to learn from: Parquet, CSV or NDJSON files of this machine, or a quoted pattern; repeatable",
  },
  {
    name: "target",
    value: "COLUMN",
    type: "text",
    says: "the column to learn; without it the definition's batch.truth",
  },
  {
    name: "features",
    value: "NAMES",
    type: "names",
    says: "without a definition: the columns to learn from; without it every column but the target",
  },
  {
    name: "categories",
    value: "NAMES",
    type: "names",
    says: "without a definition: columns of numbers that name things, such as zones; texts always do",
  },
  {
    name: "task",
    value: "TASK",
    type: "choice",
    choices: ["regression", "classification"],
    says: "what the target is; without it numbers are a regression, texts and booleans a classification",
  },
  {
    name: "validation",
    value: "FILE|SHARE",
    type: "texts",
    fallback: ["0.2"],
    says: "rows to measure by: files of their own, or the share of the rows that is held back, 0 for none",
  },
  {
    name: "seed",
    value: "N",
    type: "text",
    fallback: "0",
    says: "chooses the rows that are held back, and the forest; the same seed gives the same model. 0 to 4294967295",
  },
  {
    name: "workers",
    value: "N|auto",
    type: "text",
    fallback: "auto",
    says: "how many threads grow trees, auto is one a core; the model is the same for any number",
  },
];

const modelFlags: readonly Flag[] = [
  number("alpha", "X", "linear: the weight of the squared coefficients (ridge); 0, the default, is least squares"),
  number("trees", "N", "forest: how many trees; without it 100"),
  number("max-depth", "N", "forest: splits from the root to the deepest leaf; without it no limit"),
  number("min-samples-split", "N|SHARE", "forest: rows that a node needs to be split; without it 2"),
  number("min-samples-leaf", "N|SHARE", "forest: rows that every leaf keeps; without it 1"),
  number(
    "max-features",
    "N|SHARE|RULE",
    "forest: columns looked at for a split: a number, a share, sqrt, log2 or all; without it all, of a classification sqrt",
  ),
  number("max-leaf-nodes", "N", "forest: leaves of a tree; without it no limit"),
  number("min-impurity-decrease", "X", "forest: what a split must gain at least; without it 0"),
  number("max-samples", "N|SHARE", "forest: rows drawn for a tree; without it as many as there are"),
  {
    name: "bootstrap",
    type: "switch",
    fallback: true,
    says: "forest: every tree sees rows drawn with replacement; --no-bootstrap shows all rows to all trees",
  },
  {
    name: "criterion",
    value: "NAME",
    type: "choice",
    choices: ["mse", "gini", "entropy"],
    says: "forest: what a split gains; without it mse, of a classification gini",
  },
];

const runFlags: readonly Flag[] = [
  {
    name: "experiment",
    value: "NAME",
    type: "text",
    says: "of the run; without it MLFLOW_EXPERIMENT_NAME or MLFLOW_EXPERIMENT_ID, else the definition's name, else Default",
  },
  { name: "run-name", value: "NAME", type: "text", says: "of the run; without it the server makes one up" },
  {
    name: "register",
    value: "NAME",
    type: "text",
    says: "make the model a new version of this registered model, which is made when it is not there",
  },
  { name: "alias", value: "NAME", type: "text", says: "with --register: the alias that the new version takes over" },
  {
    name: "save",
    value: "DIR|FILE",
    type: "text",
    says: "write the model there and log no run: a model folder, or one file that ends in .onnx or .trimaran",
  },
];

export const trainFlags: readonly Flag[] = [...dataFlags, ...modelFlags, ...runFlags, homeFlag];
