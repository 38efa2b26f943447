// The port through which `checkDefinition` asks a loaded model.
import type { FeatureRow } from "../data/batch.ts";
import { mergeIssues } from "../data/merge-issues.ts";
import { outputValue } from "../data/prediction-text.ts";
import { toBatch } from "../data/to-batch.ts";
import type { AskedRow, ModelAsk } from "../deployment/check-definition.ts";
import type { Predictor } from "../model/predictor.ts";

export interface ModelAskOptions {
  /** Its name in a record of models. */
  readonly name: string | null;
  readonly predictor: Predictor;
  /** What the definition takes of the model. */
  readonly methods: readonly string[];
}

export function modelAsk({ name, predictor, methods }: ModelAskOptions): ModelAsk {
  return {
    name,
    input: predictor.input,
    methods: predictor.methods,
    async predict(rows: readonly FeatureRow[]): Promise<readonly AskedRow[]> {
      const { batch, issues } = toBatch(rows, predictor.input);
      const predictions = await predictor.predict(batch, { methods });
      const refused = new Map(mergeIssues(issues, predictions.issues).map((issue) => [issue.row, issue]));
      return rows.map((_, row): AskedRow => {
        const issue = refused.get(row);
        if (issue !== undefined) return { kind: "refused", message: `${issue.path} ${issue.message}` };
        const columns = methods.flatMap((method) => {
          const column = predictions.outputs[method];
          return column === undefined ? [] : [[method, outputValue(column, row)] as const];
        });
        return { kind: "raw", raw: Object.fromEntries(columns) };
      });
    },
  };
}
