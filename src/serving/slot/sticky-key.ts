// What keeps a caller with one version while versions share the traffic.
import { compileRow } from "../../data/compile-row.ts";
import type { RowReader } from "../../data/schema-row.ts";
import type { ResolvedDeployment } from "../../deployment/resolved-deployment.ts";
import type { AnswerOptions, PredictionService } from "../prediction-service.ts";

const readers = new WeakMap<ResolvedDeployment, RowReader>();

/**
 * The caller's sticky key, else the definition's `key` of the first row (a call is answered by one version), else the id. Null where
 * there is none of them: then the champion answers.
 */
export function stickyKeyOf(
  service: PredictionService,
  rows: readonly unknown[],
  { stickyKey, id }: AnswerOptions,
): string | null {
  return stickyKey ?? keyOf(service.deployment, rows) ?? id ?? null;
}

/** What is wrong with a row is said by whoever answers it. */
function keyOf(deployment: ResolvedDeployment | null, rows: readonly unknown[]): string | null {
  if (deployment === null || deployment.key === null || rows.length === 0) return null;
  let reader = readers.get(deployment);
  if (reader === undefined) {
    reader = compileRow(deployment.input, { unknownFields: "ignore" });
    readers.set(deployment, reader);
  }
  const row = reader(rows[0], { issues: [], warnings: new Map() }, "");
  if (row === undefined) return null;
  try {
    const key: unknown = deployment.key(row);
    return typeof key === "string" ? key : null;
  } catch {
    return null;
  }
}
