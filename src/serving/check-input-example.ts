// The rows that were logged with an MLflow model (its input example), answered by the model: a version that cannot answer
// its own example is not worth a swap.
import type { Issue } from "../base/errors.ts";
import type { PredictionService } from "./prediction-service.ts";

/** The most issues that are told; the first rows say what is wrong with all. */
const maxIssues = 20;

/**
 * Answers the logged example of a model that is served alone, by its default method. Where there is none, and with a
 * definition (which brings examples of its own), there is nothing to check.
 *
 * @returns an issue for each row that is refused, at `/input_example/<row>/<column>`; empty when all are answered
 */
export async function checkInputExample(service: PredictionService): Promise<Issue[]> {
  const { deployment, inputExample = [] } = service;
  if (deployment !== null || inputExample.length === 0) return [];
  const { issues } = await service.answer(inputExample);
  return issues.slice(0, maxIssues).map(({ row, path, code, message }): Issue => {
    return { path: `/input_example/${row}${path}`, code, message };
  });
}
