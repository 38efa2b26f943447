// `deployment.yaml`: the same definition as data. YAML 1.2 core: no custom tags, no duplicate keys, few aliases, small files;
// nothing in it runs. Fields are written `name: { type: integer, min: 1 }`, or short `name: integer`.
import { isAlias, isMap, LineCounter, type Node, type ParsedNode, parseDocument } from "yaml";
import { didYouMean } from "../base/did-you-mean.ts";
import { type Issue, isTrimaranError, type TrimaranError, trimaranError } from "../base/errors.ts";
import type { AnyField, Schema } from "../data/field.ts";
import { makeField } from "../data/field-builders.ts";
import { fieldOptions } from "../data/field-check.ts";
import type { FieldKind, FieldSpec } from "../data/field-spec.ts";
import { jsonPointer } from "../data/json-pointer.ts";
import { assertYamlCost } from "../mlflow/yaml-cost.ts";
import { type Definition, definitionMark } from "./define-deployment.ts";
import { type CompiledFeatures, compileFeatureTemplates } from "./feature-template.ts";
import { invalidOption, isRecord } from "./options-check.ts";
import { resolveDeployment } from "./resolve-deployment.ts";
import type { ResolvedDeployment } from "./resolved-deployment.ts";

const maxChars = 256 * 1024;
const maxAliases = 100;
/** Words, marks and line ends; a definition has some hundreds. */
const maxTokens = 100_000;
/** Of collections: a field that is nested as deep as may be takes three for each step. */
const maxDepth = 64;
const maxFieldDepth = 16;
const onlyCode: readonly string[] = ["postprocess", "lookup", "key", "time", "estimators"];

/**
 * @throws DEFINITION_LOAD when the text is not YAML that we take
 * @throws DEFINITION_INVALID with every issue; messages say the line
 */
export function readYamlDefinition(
  text: string,
  names: { readonly file: string; readonly name: string },
): ResolvedDeployment {
  const { data, lineOf } = parseYaml(text, names.file);
  const issues: Issue[] = [];
  const options: Record<string, unknown> = { ...data };
  for (const option of onlyCode) {
    if (!Object.hasOwn(options, option)) continue;
    delete options[option];
    issues.push(invalidOption(`/${option}`, `${option} holds code; write a deployment.ts for it.`));
  }
  for (const side of ["input", "output"]) {
    if (isRecord(options[side])) options[side] = readFields(options[side], `/${side}`, issues);
  }
  let featureExpressions: CompiledFeatures["expressions"] | undefined;
  if (isRecord(options["features"])) {
    const input = isRecord(options["input"]) ? (options["input"] as Schema) : {};
    const compiled = compileFeatureTemplates(options["features"], input);
    issues.push(...compiled.issues);
    options["features"] = compiled.features;
    featureExpressions = compiled.expressions;
  } else if (options["features"] !== undefined) {
    delete options["features"];
    issues.push(invalidOption("/features", "features must name each feature with a field, a constant or a template."));
  }
  const definition: Definition = { [definitionMark]: true, options };
  const resolved = resolveOrIssues(definition, names.name, issues);
  if (issues.length === 0 && resolved !== null) {
    return featureExpressions === undefined ? resolved : Object.freeze({ ...resolved, featureExpressions });
  }
  const placed = issues.map(({ path, code, message }) => ({
    path,
    code,
    message: `${message} (line ${lineOf(path)})`,
  }));
  throw trimaranError("DEFINITION_INVALID", { name: names.file }, { issues: placed });
}

/** Adds the issues of resolving to those that were found while reading, but not a second one at the same path. */
function resolveOrIssues(definition: Definition, name: string, issues: Issue[]): ResolvedDeployment | null {
  try {
    return resolveDeployment(definition, { name });
  } catch (error) {
    const found = (error as Partial<TrimaranError>).issues;
    if ((error as Partial<TrimaranError>).code !== "DEFINITION_INVALID" || found === undefined) throw error;
    const known = new Set(issues.map(({ path }) => path));
    issues.push(...found.filter(({ path }) => !known.has(path)));
    return null;
  }
}

function readFields(fields: Readonly<Record<string, unknown>>, path: string, issues: Issue[]): Schema {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]): [string, AnyField] => {
      const spec = readField(value, { path: path + jsonPointer(name), depth: 0 }, issues);
      return [name, makeField(spec)];
    }),
  );
}

const kinds = Object.keys(fieldOptions) as FieldKind[];
/** Stands in for a field that could not be read, so that the other fields are still checked. */
const unreadable: FieldSpec = { kind: "boolean", presence: "required", nullable: false };

function readField(value: unknown, at: { path: string; depth: number }, issues: Issue[]): FieldSpec {
  const written = typeof value === "string" ? { type: value } : value;
  const refuse = (message: string): FieldSpec => {
    issues.push(invalidOption(at.path, message));
    return unreadable;
  };
  if (!isRecord(written)) return refuse("A field is written as its type, or as { type: …, min: … }.");
  if (at.depth > maxFieldDepth) return refuse(`Fields are nested more than ${maxFieldDepth} deep.`);
  const { type, optional = false, nullable = false, ...others } = written;
  const rest: Record<string, unknown> = others;
  const kind = kinds.find((each) => each === type);
  if (kind === undefined) {
    return refuse(
      `There is no type ${JSON.stringify(type ?? null)}${didYouMean(String(type), kinds)}; types are ${kinds.join(", ")}.`,
    );
  }
  if (typeof optional !== "boolean" || typeof nullable !== "boolean") {
    return refuse("optional and nullable must be true or false.");
  }
  for (const name of ["kind", "presence"]) {
    if (!Object.hasOwn(rest, name)) continue;
    delete rest[name];
    issues.push({
      path: at.path + jsonPointer(name),
      code: "unknown_option",
      message: `A ${kind} has no option ${name}.`,
    });
  }
  const inner = (item: unknown, ...steps: string[]): FieldSpec =>
    readField(item, { path: at.path + jsonPointer(...steps), depth: at.depth + 1 }, issues);
  if (kind === "category" && rest["values"] === undefined) return refuse("A category needs a list `values`.");
  if (kind === "list") {
    if (rest["of"] === undefined) return refuse("A list needs `of`: the type of its items.");
    rest["of"] = inner(rest["of"], "of");
  }
  if (kind === "object") {
    if (!isRecord(rest["fields"])) return refuse("An object needs `fields`.");
    const entries = Object.entries(rest["fields"]).map(([name, item]) => [name, inner(item, "fields", name)]);
    rest["fields"] = Object.fromEntries(entries);
  }
  const presence = Object.hasOwn(rest, "default") ? "default" : optional ? "optional" : "required";
  return { ...rest, kind, presence, nullable } as FieldSpec;
}

interface ParsedYaml {
  readonly data: Readonly<Record<string, unknown>>;
  readonly lineOf: (pointer: string) => number;
}

function parseYaml(text: string, file: string): ParsedYaml {
  const fail = (problem: string): TrimaranError => trimaranError("DEFINITION_LOAD", { name: file, problem });
  if (text.length > maxChars) throw fail(`it holds ${text.length} characters; the limit is ${maxChars}`);
  try {
    assertYamlCost(text, file, { maxTokens, maxDepth });
  } catch (cause) {
    throw isTrimaranError(cause) ? fail(`it is nested too deep, or has more than ${maxTokens} words`) : cause;
  }
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      version: "1.2",
      schema: "core",
      customTags: [],
      merge: false,
      strict: true,
      uniqueKeys: true,
      stringKeys: true,
      prettyErrors: false,
      // With "silent" a second document in the file would be dropped without a word.
      logLevel: "error",
      lineCounter: lines,
    });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) {
      const sentence = problem.message.split("\n")[0]?.replace(/[.:]$/, "") ?? problem.code;
      throw fail(`line ${lines.linePos(problem.pos[0]).line}: ${sentence}`);
    }
    if (document.directives?.yaml.explicit && document.directives.yaml.version !== "1.2")
      throw fail("it is not YAML 1.2");
    const data: unknown = document.toJS({ maxAliasCount: maxAliases });
    if (!isRecord(data)) throw fail("it is not a mapping of options");
    return { data, lineOf: (pointer) => lines.linePos(offsetOf(document.contents, pointer)).line };
  } catch (error) {
    if (error instanceof RangeError) throw fail("it is nested too deep");
    if (error instanceof ReferenceError) throw fail("it uses too many aliases, or one without an anchor");
    throw error;
  }
}

/** Where the value that a pointer names, or the closest thing around it, begins. */
function offsetOf(root: ParsedNode | null, pointer: string): number {
  let node: Node | null = root;
  let offset = root?.range[0] ?? 0;
  for (const step of pointer.split("/").slice(1)) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (isAlias(node)) return offset;
    if (isMap(node)) {
      const pair = node.items.find((item) => String((item.key as { value?: unknown } | null)?.value) === key);
      if (pair === undefined) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value as Node | null;
    } else if (node !== null && "items" in node) {
      node = ((node.items as unknown[])[Number(key)] ?? null) as Node | null;
      offset = node?.range?.[0] ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}
