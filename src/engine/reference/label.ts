// label, plainly.
import type { LabelOp } from "../../model/ops/label.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import type { Numbers } from "../runtime-value.ts";

export const label: KernelMaker<"label"> =
  (op) =>
  ([input], frame) => {
    const { width, values } = denseInput(input);
    if (op.rule === "index") return { kind: "label", width, codes: Int32Array.from(values) };
    const columns = op.labels.length;
    const codes = new Int32Array(frame.rowCount * columns);
    for (let row = 0, at = 0, start = 0; row < frame.rowCount; row++) {
      for (const labels of op.labels) {
        const count = op.rule === "argmax" ? labels.length : width;
        codes[at++] = codeOf(op.rule, values, { start, width: count });
        start += count;
      }
    }
    return { kind: "label", width: columns, codes };
  };

function codeOf(rule: LabelOp["rule"], values: Numbers, { start, width }: { start: number; width: number }): number {
  const first = values[start] as number;
  if (rule === "positive") return first > 0 ? 1 : 0;
  if (rule === "not_negative") return first >= 0 ? 1 : 0;
  let best = 0;
  let largest = first;
  for (let at = 1; at < width && !Number.isNaN(largest); at++) {
    const value = values[start + at] as number;
    if (value > largest || Number.isNaN(value)) {
      best = at;
      largest = value;
    }
  }
  return best;
}
