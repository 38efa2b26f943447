// The MLmodel file of a model folder: which flavours it has, where the model file lies, its signature.
import { isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import { isTrimaranError, trimaranError } from "../base/errors.ts";
import { assertYamlCost } from "./yaml-cost.ts";

/** What an MLmodel file says. Its environment files are never read. */
export interface MLmodel {
  /** Flavour name → its settings as they stand. */
  readonly flavors: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  readonly mlflowVersion: string | null;
  readonly runId: string | null;
  readonly modelId: string | null;
  readonly modelUuid: string | null;
  /** JSON text of the signature's parts, as MLflow stores them. */
  readonly signature: {
    readonly inputs: string | null;
    readonly outputs: string | null;
    readonly params: string | null;
  };
  /** The files of the input example as they are named; read them through `memberPath`. */
  readonly inputExample: { readonly path: unknown; readonly servingPath: unknown } | null;
}

/** An MLmodel file is a page of text; a signature of ten thousand columns makes it longer. */
const maxMLmodelBytes = 2 << 20;
const maxDepth = 64;

/** @throws MLMODEL_INVALID, FORMAT_LIMIT */
export function readMLmodel(bytes: Uint8Array, name: string): MLmodel {
  try {
    return readFields(bytes, name);
  } catch (cause) {
    if (isTrimaranError(cause)) throw cause;
    throw invalid(name, "it is not YAML that can be read", cause);
  }
}

function readFields(bytes: Uint8Array, name: string): MLmodel {
  if (bytes.length > maxMLmodelBytes) throw invalid(name, `it is larger than ${maxMLmodelBytes} bytes`);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  assertYamlCost(text, `The MLmodel file of ${name}`, { maxDepth });
  const document = parseDocument(text, {
    version: "1.1",
    schema: "core",
    // The parser's own check compares every key with every other.
    uniqueKeys: false,
    logLevel: "silent",
  });
  const problem = document.errors[0];
  if (problem !== undefined) throw invalid(name, problem.message.split("\n")[0] ?? "it is not YAML", problem);
  if (!assertPlain(document.contents, { name, depth: 0 })) throw invalid(name, "it is not a YAML mapping");
  const root: unknown = document.toJS({ maxAliasCount: 0 });
  if (!isRecord(root)) throw invalid(name, "it is not a YAML mapping");
  const flavors = root["flavors"];
  if (!isRecord(flavors)) throw invalid(name, "it has no `flavors`");
  const signature = isRecord(root["signature"]) ? root["signature"] : {};
  return {
    flavors: new Map(Object.entries(flavors).map(([flavor, settings]) => [flavor, isRecord(settings) ? settings : {}])),
    mlflowVersion: textOf(root["mlflow_version"]),
    runId: textOf(root["run_id"]),
    modelId: textOf(root["model_id"]),
    modelUuid: textOf(root["model_uuid"]),
    signature: {
      inputs: textOf(signature["inputs"]),
      outputs: textOf(signature["outputs"]),
      params: textOf(signature["params"]),
    },
    inputExample: exampleOf(root["saved_input_example_info"]),
  };
}

function exampleOf(info: unknown): MLmodel["inputExample"] {
  if (!isRecord(info)) return null;
  const { artifact_path: path = null, serving_input_path: servingPath = null } = info;
  return path === null && servingPath === null ? null : { path, servingPath };
}

/** No anchors that stand for something else, no key twice, no nesting without end. Whether it is a mapping. */
function assertPlain(node: unknown, at: { readonly name: string; readonly depth: number }): boolean {
  if (at.depth > maxDepth) throw invalid(at.name, `it is nested more than ${maxDepth} deep`);
  if (isAlias(node)) throw invalid(at.name, "it holds an alias");
  const below = { name: at.name, depth: at.depth + 1 };
  if (isSeq(node)) for (const item of node.items) assertPlain(item, below);
  if (!isMap(node)) return false;
  const keys = new Set<unknown>();
  for (const { key, value } of node.items) {
    if (!isScalar(key)) throw invalid(at.name, "it holds a key that is no plain value");
    if (keys.has(key.value)) throw invalid(at.name, "a key stands twice in it");
    keys.add(key.value);
    assertPlain(value, below);
  }
  return true;
}

/**
 * A file named inside an MLmodel, as a path below its folder.
 * @throws MLMODEL_INVALID when it would lead out of the folder
 */
export function memberPath(value: unknown, at: { name: string; key: string }): string {
  if (typeof value !== "string" || value === "") throw invalid(at.name, `${at.key} names no file`);
  const parts = value.split("/");
  // A backslash or a drive letter is a separator on other systems; neither occurs in what MLflow writes.
  if (
    /[\\:]/.test(value) ||
    value.includes("\0") ||
    parts.some((part) => part === "" || part === "." || part === "..")
  ) {
    throw invalid(at.name, `${at.key} names a file outside of its folder`);
  }
  return parts.join("/");
}

function invalid(name: string, problem: string, cause?: unknown): Error {
  return trimaranError("MLMODEL_INVALID", { name, problem }, { cause });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
