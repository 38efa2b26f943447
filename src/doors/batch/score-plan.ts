// What a target means for a batch job: its columns, its SQL, its ids, its outputs; resolved once for all of its units.
import { trimaranError } from "../../base/errors.ts";
import type { Schema } from "../../data/field.ts";
import type { ModelInput } from "../../data/model-input.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { outputPlans } from "./answer-block.ts";
import type { OutputColumnPlan } from "./answer-columns.ts";
import { type WriteColumn, writeColumns } from "./write-columns.ts";

export interface ScorePlan {
  readonly name: string;
  /** null: a model alone. */
  readonly input: Schema | null;
  readonly modelInput: ModelInput;
  readonly derive: Readonly<Record<string, string>>;
  readonly where: string | null;
  readonly truth: string | null;
  /** A template; null: the key, a column of that name, or the row's number. */
  readonly id: string | null;
  readonly hasKey: boolean;
  readonly write: readonly WriteColumn[];
  readonly outputs: readonly OutputColumnPlan[];
  /** Columns that files must have, and who says so. */
  readonly columns: readonly { readonly column: string; readonly use: string }[];
  readonly version: string;
}

const defaultId = "{file}/{row}";

/** @throws BATCH_WRITE, BATCH_DEFINITION, MODEL_METHOD */
export async function scorePlan(service: PredictionService, methods: readonly string[]): Promise<ScorePlan> {
  const { deployment, name, model } = service;
  const batch = deployment?.batch ?? {};
  const asked = methods.length > 0 ? methods : service.methods.slice(0, 1);
  const unknown = deployment === null ? asked.find((method) => !service.methods.includes(method)) : undefined;
  if (unknown !== undefined) {
    throw trimaranError("MODEL_METHOD", { method: unknown, methods: service.methods.join(", ") });
  }
  const outputs = await outputPlans(service, asked);
  const write = writeColumns(
    batch,
    outputs.map((output) => output.name),
  );
  const strange = /\{(?!(?:file|period|row)\})[^{}]*\}?|\}(?<!\{(?:file|period|row)\})/.exec(batch.id ?? "")?.[0];
  if (strange !== undefined) {
    const problem = `its \`batch.id\` holds ${strange}; a template is made of {file}, {period} and {row}`;
    throw trimaranError("BATCH_DEFINITION", { name, problem });
  }
  const truth = batch.truth ?? null;
  return {
    name,
    input: deployment?.input ?? null,
    modelInput: service.input,
    derive: batch.derive ?? {},
    where: batch.where ?? null,
    truth,
    id: batch.id ?? null,
    hasKey: deployment?.key != null,
    write,
    outputs,
    columns: [
      ...write.flatMap(({ source }) =>
        source.kind === "row" ? [{ column: source.column, use: "the definition's `batch.write` keeps" }] : [],
      ),
      ...(truth !== null && write.some(({ source }) => source.kind === "truth" || source.kind === "difference")
        ? [{ column: truth, use: "the definition's `batch.truth` names" }]
        : []),
    ],
    version: model.version ?? `sha256:${model.digest.slice("sha256:".length, 19)}`,
  };
}

/** The rule of the ids in a file with these columns. @throws BATCH_PERIOD */
export function idRule(
  plan: ScorePlan,
  { columns, period }: { readonly columns: Readonly<Record<string, string>>; readonly period: string | null },
):
  | { readonly kind: "template"; readonly template: string }
  | { readonly kind: "key" }
  | { readonly kind: "column"; readonly column: string } {
  if (plan.id !== null) {
    if (plan.id.includes("{period}") && period === null) {
      throw trimaranError("BATCH_PERIOD", {
        problem: "the definition's `batch.id` holds {period}, and there is no --period",
        places: "{year}, {month}, {day}, {period}",
      });
    }
    return { kind: "template", template: plan.id };
  }
  if (plan.hasKey) return { kind: "key" };
  const name = plan.write.find(({ source }) => source.kind === "id")?.name;
  return name !== undefined && Object.hasOwn(columns, name)
    ? { kind: "column", column: name }
    : { kind: "template", template: defaultId };
}
