// A service under the name and version that its plan says: a numbered folder knows its version better than what lies in it.
import type { Answers } from "../answers.ts";
import { type AnswerOptions, answerSoon, type PredictionService } from "../prediction-service.ts";

export interface PlannedFace {
  /** Null: as the service calls itself. */
  readonly name: string | null;
  readonly version: string | null;
}

export function plannedService(service: PredictionService, face: PlannedFace): PredictionService {
  const name = face.name ?? service.name;
  const { version } = face;
  if (version === null || version === service.model.version) {
    return name === service.name ? service : { ...service, name };
  }
  const answerNow = (rows: readonly unknown[], options: AnswerOptions = {}): Answers | Promise<Answers> => {
    const answers = answerSoon(service, rows, options);
    return answers instanceof Promise
      ? answers.then((later) => withVersion(later, version))
      : withVersion(answers, version);
  };
  return {
    ...service,
    name,
    model: { ...service.model, version },
    models: service.models.length > 1 ? service.models : service.models.map((model) => ({ ...model, name, version })),
    answer: async (rows, options) => answerNow(rows, options),
    answerNow,
  };
}

function withVersion(answers: Answers, modelVersion: string): Answers {
  return {
    rowCount: answers.rowCount,
    issues: answers.issues,
    warnings: answers.warnings,
    modelVersion,
    columns: answers.columns,
    text: (row) => answers.text(row),
    value: (row) => answers.value(row),
    record: (row) => answers.record(row),
  };
}
