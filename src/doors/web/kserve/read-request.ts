// A v1 body → rows: `instances` in rows, `inputs` in columns or rows (tensorflow.org/tfx/serving/api_rest, KServe's v1 protocol).
import { trimaranError } from "../../../base/errors.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";

export interface V1Request {
  readonly rows: readonly unknown[];
  /** `inputs` is answered with `outputs`. */
  readonly columns: boolean;
  /** TensorFlow Serving's name for what a model computes; here its method. */
  readonly method: string | undefined;
}

/** @throws KSERVE_REQUEST */
export function readV1Request(body: unknown, service: PredictionService): V1Request {
  if (!isRecord(body)) throw invalid("it is no object");
  const hasInstances = Object.hasOwn(body, "instances");
  if (hasInstances === Object.hasOwn(body, "inputs")) throw invalid("it needs one of `instances` and `inputs`");
  const { instances, inputs, signature_name: name } = body;
  if (name !== undefined && typeof name !== "string") throw invalid("`signature_name` is no string");
  const method = name === undefined || name === "" || name === "serving_default" ? undefined : name;
  if (hasInstances) return { rows: rowForm(instances, { service, member: "instances" }), columns: false, method };
  const rows = isRecord(inputs) ? columnForm(inputs) : rowForm(inputs, { service, member: "inputs" });
  return { rows, columns: true, method };
}

function rowForm(
  value: unknown,
  { service, member }: { readonly service: PredictionService; readonly member: string },
): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`\`${member}\` is no list`);
  const fields = Object.keys(service.deployment?.input ?? {});
  return value.map((row): unknown => {
    if (isRecord(row)) return row;
    const cells: readonly unknown[] = Array.isArray(row) ? row : [row];
    if (service.deployment === null) return cells;
    // A definition has names: a row by position is in the order of its fields.
    if (cells.length !== fields.length) return row;
    return Object.fromEntries(fields.map((name, index) => [name, cells[index]]));
  });
}

function columnForm(columns: Readonly<Record<string, unknown>>): readonly unknown[] {
  const names = Object.keys(columns);
  const lists = names.map((name) => {
    const list = columns[name];
    if (!Array.isArray(list)) throw invalid("a column of `inputs` is no list");
    return list as readonly unknown[];
  });
  const [first] = lists;
  if (first === undefined) throw invalid("`inputs` has no columns");
  if (lists.some((list) => list.length !== first.length)) throw invalid("the columns of `inputs` differ in length");
  return first.map((_, row) => Object.fromEntries(names.map((name, index) => [name, lists[index]![row]])));
}

function invalid(problem: string): Error {
  return trimaranError("KSERVE_REQUEST", { problem });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
