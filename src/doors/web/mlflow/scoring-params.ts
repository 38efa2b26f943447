// `params` of a scoring request: checked against the signature's own, and the method that ours may name in them.
import { trimaranError } from "../../../base/errors.ts";
import type { SignatureParam } from "../../../mlflow/signature.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";

export interface ScoringParams {
  /** Undefined: the model's default. */
  readonly methods: readonly string[] | undefined;
  /** Names that nothing here knows. They are ignored, as MLflow ignores them, and told. */
  readonly ignored: readonly string[];
}

/** `?method=predict_proba`, or `{"params": {"method": "predict_proba"}}`, or `methods` with several. @throws SCORING_PARAMS */
export function readScoringParams(
  params: unknown,
  { service, query }: { readonly service: PredictionService; readonly query: unknown },
): ScoringParams {
  const declared = service.signature?.params ?? null;
  const isObject = typeof params === "object" && params !== null && !Array.isArray(params);
  if (declared !== null && params !== undefined && params !== null && !isObject) {
    throw invalid(`Parameters must be a dictionary. Got type '${pythonTypeName(params)}'.`);
  }
  const given = (isObject ? params : {}) as Readonly<Record<string, unknown>>;
  const known = new Map((declared ?? []).map((param) => [param.name, param]));
  const wrong = Object.keys(given).filter((name) => known.has(name) && !fits(given[name], known.get(name)!));
  if (wrong.length > 0) {
    const texts = wrong.map((name) => `('${name}', "Failed to validate type and shape for '${name}'")`);
    throw invalid(`Invalid parameters found: {${texts.join(", ")}}`);
  }
  // A model's own parameter of that name is not ours; a definition says what it computes itself.
  const own = ["method", "methods"].filter((name) => !known.has(name) && Object.hasOwn(given, name));
  const chosen = query !== undefined ? readMethods(query) : own.length > 0 ? readMethods(given[own[0]!]) : undefined;
  if (chosen !== undefined && service.deployment !== null) {
    throw invalid("A method can only be chosen of a model that is served alone; this service has a definition.");
  }
  const ignored = Object.keys(given).filter((name) => !known.has(name) && !own.includes(name));
  return { methods: chosen, ignored };
}

function readMethods(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [];
  const methods = list.filter((method) => typeof method === "string");
  if (methods.length === 0 || methods.length < list.length || new Set(methods).size < methods.length) {
    throw invalid("'method' must name a method of the model, as 'predict_proba', or several, each once.");
  }
  return methods;
}

/** Lists are params with a shape: their items are checked. */
function fits(value: unknown, param: SignatureParam): boolean {
  if (Array.isArray(value)) return value.every((item) => fits(item, param));
  if (value === null) return true;
  switch (param.type) {
    case "double":
    case "float":
      return typeof value === "number";
    case "integer":
    case "long":
      return Number.isSafeInteger(value);
    case "boolean":
      return typeof value === "boolean";
    case "string":
    case "datetime":
      return typeof value === "string";
    default:
      return true;
  }
}

function pythonTypeName(value: unknown): string {
  if (Array.isArray(value)) return "list";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  return Number.isInteger(value) ? "int" : "float";
}

function invalid(problem: string): Error {
  return trimaranError("SCORING_PARAMS", { problem });
}
