// What `trimaran train` tells people: how far it is, what was left out, and how good the model is.
import type { ClassificationMetrics, RegressionMetrics } from "../train/metrics.ts";
import type { TrainedOnRows, TrainingProgress } from "../train/train-on-rows.ts";
import { counted } from "./counted.ts";
import type { Messages } from "./messages.ts";

/** A line that is overwritten, from the second second on. */
export function progressText(messages: Messages): (progress: TrainingProgress) => void {
  const start = performance.now();
  let next = start + 1000;
  return (progress) => {
    const now = performance.now();
    if (now < next) return;
    next = now + 200;
    messages.status(
      progress.step === "fit"
        ? `${progress.done} of ${progress.total} trees`
        : `${counted(progress.rows)} rows ${progress.step === "read" ? "read" : "measured"}`,
    );
  };
}

/** One sentence for the training rows and one for the validation's own. */
export function leftOutText({ leftOut, validationLeftOut, validation }: TrainedOnRows): readonly string[] {
  const sets = [
    [leftOut, "rows"],
    [validationLeftOut, "validation rows"],
  ] as const;
  const told = sets.flatMap(([rows, name]) => {
    if (rows.total === 0) return [];
    const reasons = rows.reasons();
    const shown = reasons
      .slice(0, 8)
      .map(({ path, code, count }) => `${path === "" ? "line" : path} ${code} ${counted(count)}`);
    const more = reasons.length > 8 ? `, and ${reasons.length - 8} more reasons` : "";
    const what = rows.total === 1 ? name.replace(/s$/, "") : name;
    return [`left out ${counted(rows.total)} ${what}: ${shown.join(", ")}${more}`];
  });
  const notScored = validation?.notScored ?? 0;
  return notScored === 0
    ? told
    : [...told, `${counted(notScored)} validation rows are not measured: training never saw their class`];
}

export function measuredText({ model, rows, training, validation, matrix, fitMs }: TrainedOnRows): string {
  const filtered = rows.filtered === 0 ? "" : `, ${counted(rows.filtered)} filtered out`;
  const lines = [
    `${model.estimator}: ${counted(rows.training)} of ${counted(rows.read)} rows${filtered}, ${counted(matrix.names.length)} columns, fitted in ${(fitMs / 1000).toFixed(2)} s`,
    `training    ${metricsText(training.metrics)}`,
  ];
  if (validation !== null) {
    lines.push(`validation  ${metricsText(validation.metrics)}  (${counted(validation.rows)} rows)`);
  }
  return lines.join("\n");
}

function metricsText(metrics: RegressionMetrics | ClassificationMetrics): string {
  const entries: readonly (readonly [string, number | null])[] = Object.entries(metrics);
  return entries.map(([name, value]) => `${name} ${value === null ? "-" : value.toPrecision(5)}`).join("  ");
}
