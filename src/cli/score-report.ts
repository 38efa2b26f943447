// What a batch job tells when it is over, or would do: for people and for machines.
import type { UnitPlan, UnitResult } from "../doors/batch/scoring.ts";
import { counted } from "./counted.ts";
import { onOneLine } from "./messages.ts";

export function resultJson({ output, manifest, shards, seconds }: UnitResult): Readonly<Record<string, unknown>> {
  const { run, period, rows, reject_reasons, warnings, outputs, models } = manifest;
  const { backtest } = manifest;
  return {
    output,
    run,
    period,
    rows,
    reject_reasons,
    warnings,
    outputs,
    models,
    shards,
    seconds,
    ...(backtest === undefined ? {} : { backtest }),
  };
}

export function resultText({ output, manifest, shards, seconds }: UnitResult): string {
  const { read, filtered, rejected, written } = manifest.rows;
  const parts = [
    `${counted(read)} rows read`,
    ...(filtered > 0 ? [`${counted(filtered)} left out by the filter`] : []),
    ...(rejected > 0 ? [`${counted(rejected)} rejected`] : []),
    `${counted(written)} written`,
  ];
  const kept = shards.kept === 0 ? "" : `, ${shards.kept} of ${shards.total} shards were there`;
  return `${output}: ${parts.join(", ")} in ${seconds.toFixed(1)} s${kept}`;
}

/** Warnings and the reasons of rejects, the most frequent first. */
export function noticesOf({ manifest }: UnitResult): readonly string[] {
  const rejects = manifest.reject_reasons.slice(0, 10).map(({ path, code, count, message }) => {
    return `${counted(count)} × ${path === "" ? "" : `${path} `}${code}: ${message}`;
  });
  const warnings = manifest.warnings.map(
    ({ code, field, count }) => `${field}: ${counted(count)} × ${code.replaceAll("_", " ")}`,
  );
  return [...rejects, ...warnings].map(onOneLine);
}

export function planJson({ unit, output, run, state, why, inputs }: UnitPlan): Readonly<Record<string, unknown>> {
  return {
    output,
    period: unit.period,
    state,
    why,
    run,
    inputs: inputs.map(({ uri, name, size, format }) => ({ uri, name, size, format })),
  };
}

export function planText({ unit, output, state, why, inputs }: UnitPlan): string {
  const bytes = inputs.reduce((sum, { size }) => sum + size, 0);
  const of = unit.period === null ? "" : `${unit.period}: `;
  const files = inputs.length === 1 ? "1 file" : `${counted(inputs.length)} files`;
  return onOneLine(`${of}${state}, ${files} of ${counted(bytes)} bytes → ${output}: ${why}`);
}
