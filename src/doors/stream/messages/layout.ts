// Where the row stands in a message, what is copied into the answer and what the answer looks like: `stream: { at, keep, model,
// rename }` of a definition. The same for every format.
import { didYouMean } from "../../../base/did-you-mean.ts";
import { type Issue, trimaranError } from "../../../base/errors.ts";
import { typeOfValue } from "../../../data/field-issue.ts";
import { jsonPointer } from "../../../data/json-pointer.ts";
import { jsonValueText } from "../../../data/json-value-text.ts";
import type { RefusedMessage } from "./shape.ts";

export interface LayoutOptions {
  /** A key (`ride`), a path (`data.ride`) or a JSON Pointer (`/data/ride`). @default the message is the row */
  readonly at?: string;
  /** As `at`: what is copied into the answer, under its last name. @default [] */
  readonly keep?: readonly string[];
  /** Gives the answer the form `{model, version, prediction}`. @default the outputs with `model_version` beside them */
  readonly model?: string;
  /** Output → its name in the answer. @default {} */
  readonly rename?: Readonly<Record<string, string>>;
}

export interface Layout {
  /** The JSON Pointer of the row. */
  readonly rowPath: string;
  /** Names in the answer of what is kept, in order. */
  readonly keptNames: readonly string[];
  /** The JSON Pointers in the message of what is kept. */
  readonly keptPaths: readonly string[];
  readonly model: string | null;
  take(message: unknown): TakenRow | RefusedMessage;
  /** The answer as JSON. */
  text(output: Output, kept: readonly unknown[], modelVersion: string): string;
  /** The answer as an object, for formats that are not JSON. */
  value(output: Output, kept: readonly unknown[], modelVersion: string): Readonly<Record<string, unknown>>;
  /** The name that the answer gives an output. */
  nameOf(output: string): string;
}

export interface TakenRow {
  readonly kind: "taken";
  readonly row: unknown;
  readonly kept: readonly unknown[];
}

type Output = Readonly<Record<string, unknown>>;

const versionName = "model_version";

/** `outputs`: the names of a definition's outputs, or the methods of a model served alone. @throws STREAM_SHAPE_INVALID */
export function resolveLayout(options: LayoutOptions, outputs: readonly string[]): Layout {
  const { at, keep = [], model = null, rename = {} } = options;
  const rowSteps = at === undefined ? [] : stepsOf(at);
  const keptSteps = keep.map(stepsOf);
  const keptNames = keptSteps.map((steps) => steps.at(-1) ?? "");
  assertNames({ keep, keptNames, model, rename, outputs });
  const names = new Map(Object.entries(rename));
  const nameOf = (output: string): string => names.get(output) ?? output;
  const keys = new Map<string, string>();
  const keyOf = (output: string): string => {
    let key = keys.get(output);
    if (key === undefined) {
      key = `${JSON.stringify(nameOf(output))}:`;
      keys.set(output, key);
    }
    return key;
  };
  const keptKeys = keptNames.map((name) => `${JSON.stringify(name)}:`);
  const members = (output: Output, kept: readonly unknown[]): string => {
    let text = "";
    for (const name of Object.keys(output)) {
      const value = output[name];
      if (value !== undefined) text += `${text === "" ? "" : ","}${keyOf(name)}${jsonValueText(value)}`;
    }
    for (let index = 0; index < kept.length; index++) {
      text += `${text === "" ? "" : ","}${keptKeys[index]}${jsonValueText(kept[index])}`;
    }
    return text;
  };
  const fields = (output: Output, kept: readonly unknown[]): [string, unknown][] => [
    ...Object.entries(output).map(([name, value]): [string, unknown] => [nameOf(name), value]),
    ...keptNames.map((name, index): [string, unknown] => [name, kept[index]]),
  ];
  const modelText = model === null ? "" : JSON.stringify(model);
  let lastVersion = "";
  let versionText = '""';
  return {
    rowPath: jsonPointer(...rowSteps),
    keptNames,
    keptPaths: keptSteps.map((steps) => jsonPointer(...steps)),
    model,
    nameOf,
    take(message) {
      const row = find(message, rowSteps);
      if (row === notThere) return refusal(message, rowSteps);
      if (keptSteps.length === 0) return { kind: "taken", row, kept: none };
      const kept: unknown[] = [];
      for (const steps of keptSteps) {
        const item = find(message, steps);
        if (item === notThere) return refusal(message, steps);
        kept.push(item);
      }
      return { kind: "taken", row, kept };
    },
    text(output, kept, modelVersion) {
      if (modelVersion !== lastVersion) {
        versionText = JSON.stringify(modelVersion);
        lastVersion = modelVersion;
      }
      const version = versionText;
      const inner = members(output, kept);
      if (model !== null) return `{"model":${modelText},"version":${version},"prediction":{${inner}}}`;
      return `{${inner}${inner === "" ? "" : ","}"${versionName}":${version}}`;
    },
    value(output, kept, version) {
      const inner = fields(output, kept);
      if (model !== null) return { model, version, prediction: Object.fromEntries(inner) };
      return Object.fromEntries([...inner, [versionName, version]]);
    },
  };
}

const none: readonly unknown[] = [];

/** `/a/b` is a JSON Pointer; `a.b` the same; `/a.b` is one key with a dot. */
function stepsOf(path: string): readonly string[] {
  if (!path.startsWith("/")) return path.split(".");
  const steps = path.slice(1).split("/");
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const notThere = Symbol("not there");

/** It runs for every message, so it makes nothing. */
function find(message: unknown, steps: readonly string[]): unknown {
  let value = message;
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index]!;
    if (!isObject(value, step) || !Object.hasOwn(value, step)) return notThere;
    value = value[step];
  }
  return value;
}

function isObject(value: unknown, step: string): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  return !Array.isArray(value) || /^(0|[1-9]\d*)$/.test(step);
}

/** What is wrong with a message in which `find` finds nothing. */
function refusal(message: unknown, steps: readonly string[]): RefusedMessage {
  let value = message;
  for (let index = 0; index < steps.length; index++) {
    const step = steps[index]!;
    if (!isObject(value, step)) {
      const path = jsonPointer(...steps.slice(0, index));
      const text = `Must be an object; ${typeOfValue(value)} came.`;
      return { kind: "refused", issues: [{ path, code: "wrong_type", message: text }] };
    }
    if (!Object.hasOwn(value, step)) break;
    value = value[step];
  }
  const last = steps.findIndex((_, index) => find(message, steps.slice(0, index + 1)) === notThere);
  const path = jsonPointer(...steps.slice(0, last + 1));
  return { kind: "refused", issues: [{ path, code: "missing_field", message: "The message lacks it." }] };
}

interface Names {
  readonly keep: readonly string[];
  readonly keptNames: readonly string[];
  readonly model: string | null;
  readonly rename: Readonly<Record<string, string>>;
  readonly outputs: readonly string[];
}

/** @throws STREAM_SHAPE_INVALID with every issue */
function assertNames({ keep, keptNames, model, rename, outputs }: Names): void {
  const issues: Issue[] = [];
  const add = (path: string, message: string): void => {
    issues.push({ path, code: "invalid_option", message });
  };
  for (const name of Object.keys(rename)) {
    if (outputs.includes(name)) continue;
    add(
      `/stream/rename${jsonPointer(name)}`,
      `There is no output ${JSON.stringify(name)}${didYouMean(name, outputs)}.`,
    );
  }
  const taken = new Map<string, string>(model === null ? [[versionName, "the model's version"]] : []);
  const take = (name: string, what: string, path: string): void => {
    const other = taken.get(name);
    if (other !== undefined) add(path, `${what} and ${other} would both be ${JSON.stringify(name)} in the answer.`);
    taken.set(name, what);
  };
  for (const output of outputs) {
    const path = Object.hasOwn(rename, output) ? `/stream/rename${jsonPointer(output)}` : "/stream/keep";
    take(rename[output] ?? output, `the output ${output}`, path);
  }
  for (const [index, name] of keptNames.entries()) {
    take(name, `${keep[index]} of the message`, `/stream/keep${jsonPointer(index)}`);
  }
  const [first] = issues;
  if (first === undefined) return;
  throw trimaranError("STREAM_SHAPE_INVALID", { count: issues.length, first: first.message }, { issues });
}
