// What was typed for `trimaran train` → what is to be done, checked before any row is read.
import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { trimaranError } from "../base/errors.ts";
import type { ForestSpec, ModelSpec } from "../train/model-spec.ts";
import type { TrainingTask } from "../train/training-matrix.ts";
import { isOn, listOf, type Settings, textOf } from "./settings.ts";

export interface TrainPlan {
  readonly algorithm: "linear" | "forest";
  readonly spec: ModelSpec;
  readonly deployment: string | null;
  readonly data: readonly string[];
  readonly target: string | null;
  readonly features: readonly string[];
  readonly categories: readonly string[];
  readonly task: TrainingTask | null;
  /** Files, or a share. */
  readonly validation: readonly string[] | number;
  readonly seed: number;
  readonly threads: number;
  readonly register: { readonly name: string; readonly alias: string | null } | null;
  readonly save: SavePlace | null;
}

export interface SavePlace {
  readonly path: string;
  readonly kind: "folder" | "onnx" | "trimaran";
}

/** @throws USAGE_INVALID, USAGE_CONFLICT */
export function trainPlan([algorithm = ""]: readonly string[], settings: Settings): TrainPlan {
  if (algorithm !== "linear" && algorithm !== "forest") throw wrong("ALGORITHM must be linear or forest.");
  const deployment = textOf(settings, "deployment");
  const data = listOf(settings, "data");
  if (data.length === 0) throw wrong("--data names the files to learn from.");
  const target = textOf(settings, "target");
  if (deployment === null && target === null) {
    throw wrong("--target names the column to learn; or give a definition by --deployment.");
  }
  for (const flag of ["features", "categories"]) {
    if (deployment !== null && listOf(settings, flag).length > 0) throw conflict(`--${flag}`, "--deployment");
  }
  assertOfAlgorithm(algorithm, settings);
  const seed = wholeOf(settings, "seed", { min: 0, max: 4_294_967_295 }) ?? 0;
  return {
    algorithm,
    spec:
      algorithm === "linear" ? { kind: "linear", alpha: realOf(settings, "alpha") ?? 0 } : forestSpec(settings, seed),
    deployment,
    data,
    target,
    features: listOf(settings, "features"),
    categories: listOf(settings, "categories"),
    task: taskOf(algorithm, settings),
    validation: validationOf(listOf(settings, "validation")),
    seed,
    threads: threadsOf(settings),
    register: registerOf(settings),
    save: saveOf(settings),
  };
}

const ofForest = [
  "trees",
  "max-depth",
  "min-samples-split",
  "min-samples-leaf",
  "max-features",
  "max-leaf-nodes",
  "min-impurity-decrease",
  "max-samples",
  "criterion",
  "bootstrap",
];

function assertOfAlgorithm(algorithm: "linear" | "forest", settings: Settings): void {
  const others = algorithm === "linear" ? ofForest : ["alpha"];
  const given = others.find((name) => settings.get(name)?.source.startsWith("--"));
  if (given !== undefined) throw conflict(`--${given}`, algorithm);
}

function taskOf(algorithm: "linear" | "forest", settings: Settings): TrainingTask | null {
  const task = textOf(settings, "task") as TrainingTask | null;
  if (algorithm === "forest") return task;
  if (task === "classification") throw conflict("--task classification", "linear, which learns numbers");
  return "regression";
}

function forestSpec(settings: Settings, seed: number): ForestSpec {
  const text = textOf(settings, "max-features");
  const rule = text === "sqrt" || text === "log2" || text === "all" ? text : countOrShare(settings, "max-features");
  const criterion = textOf(settings, "criterion") as ForestSpec["criterion"] | null;
  const optional = {
    trees: wholeOf(settings, "trees", { min: 1, max: 1_000_000 }),
    maxDepth: wholeOf(settings, "max-depth", { min: 1, max: 2 ** 31 - 1 }),
    minSamplesSplit: countOrShare(settings, "min-samples-split"),
    minSamplesLeaf: countOrShare(settings, "min-samples-leaf"),
    maxFeatures: rule,
    maxLeafNodes: wholeOf(settings, "max-leaf-nodes", { min: 2, max: 2 ** 31 - 1 }),
    minImpurityDecrease: realOf(settings, "min-impurity-decrease"),
    maxSamples: countOrShare(settings, "max-samples"),
    criterion: criterion ?? undefined,
  };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { kind: "forest", seed, bootstrap: isOn(settings, "bootstrap"), ...given };
}

/** One share, or patterns of files. */
function validationOf(given: readonly string[]): readonly string[] | number {
  const [first = "0.2"] = given;
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(first) ?? [];
  const share = percent === undefined ? Number(/^\d*\.?\d+$/.test(first) ? first : Number.NaN) : Number(percent) / 100;
  if (Number.isNaN(share)) return given;
  if (given.length > 1) throw wrong("--validation is one share, or files.");
  if (share >= 0 && share < 1) return share;
  throw wrong("--validation must be a share from 0 to below 1, such as 0.2 or 20%, or files.");
}

function threadsOf(settings: Settings): number {
  if (textOf(settings, "workers") === "auto") return availableParallelism();
  return wholeOf(settings, "workers", { min: 1, max: 1024 }) ?? availableParallelism();
}

function registerOf(settings: Settings): TrainPlan["register"] {
  const name = textOf(settings, "register");
  const alias = textOf(settings, "alias");
  if (name === null && alias !== null) throw wrong("--alias needs --register NAME: an alias is of a registered model.");
  if (name === null) return null;
  if (/[/:@]/.test(name))
    throw wrong("--register must be a name without `/`, `:` and `@`, as models:/NAME/1 holds it.");
  if (alias !== null && (!/^[\w-]{1,255}$/.test(alias) || /^(latest|v\d+)$/i.test(alias))) {
    throw wrong("--alias must be letters, digits, _ and -, and neither `latest` nor like `v1`.");
  }
  return { name, alias };
}

function saveOf(settings: Settings): SavePlace | null {
  const path = textOf(settings, "save");
  if (path === null) return null;
  for (const flag of ["register", "experiment", "run-name"]) {
    if (settings.get(flag)?.source.startsWith("--")) throw conflict("--save", `--${flag}`);
  }
  const extension = extname(path).toLowerCase();
  return { path, kind: extension === ".onnx" ? "onnx" : extension === ".trimaran" ? "trimaran" : "folder" };
}

function wholeOf(
  settings: Settings,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined {
  const text = textOf(settings, name);
  if (text === null) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw wrong(`--${name} must be a whole number from ${min} to ${max}.`);
}

function realOf(settings: Settings, name: string): number | undefined {
  const text = textOf(settings, name);
  if (text === null) return undefined;
  const value = /^\d*\.?\d+(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw wrong(`--${name} must be a number from 0 up.`);
}

/** Whole numbers from 1 are counts; what lies between 0 and 1 is a share. */
function countOrShare(settings: Settings, name: string): number | undefined {
  const value = realOf(settings, name);
  if (value === undefined || (value > 0 && (value < 1 || Number.isInteger(value)))) return value;
  throw wrong(`--${name} must be a whole number from 1 up, or a share between 0 and 1.`);
}

function wrong(problem: string): Error {
  return trimaranError("USAGE_INVALID", { problem, command: "train" });
}

function conflict(first: string, second: string): Error {
  return trimaranError("USAGE_CONFLICT", { first, second, command: "train" });
}
