// The targets of rows: numbers, or labels that become positions in a sorted list of classes, as scikit-learn sorts them.
import { trimaranError } from "../base/errors.ts";
import type { Label } from "../data/predictions.ts";
import { codePointOrder } from "./cell-writer.ts";

export interface TargetReader {
  /** What a target must be, for messages. */
  readonly wanted: string;
  read(target: unknown): number | "missing" | "unfit";
  finish(targets: Float64Array): { readonly targets: Float64Array; readonly classes: readonly Label[] | null };
}

export const numberTarget: TargetReader = {
  wanted: "a finite number was expected",
  read(target) {
    if (target === null || target === undefined || Number.isNaN(target)) return "missing";
    if (typeof target === "bigint" || typeof target === "boolean") return Number(target);
    return typeof target === "number" && Number.isFinite(target) ? target : "unfit";
  },
  finish: (targets) => ({ targets, classes: null }),
};

type Raw = string | boolean | number | bigint;

/** Codes in the order in which labels are met; `finish` turns them into positions in the sorted list. */
export function targetReader(): TargetReader {
  const codes = new Map<Raw, number>();
  return {
    wanted: "a string, a boolean or a whole number was expected",
    read(target) {
      if (target === null || target === undefined || Number.isNaN(target)) return "missing";
      const raw = rawLabel(target);
      if (raw === null) return "unfit";
      let code = codes.get(raw);
      if (code === undefined) {
        code = codes.size;
        codes.set(raw, code);
      }
      return code;
    },
    finish(targets) {
      const met = [...codes.keys()];
      const types = new Set(met.map((raw) => labelOf(raw).type));
      if (types.size > 1) {
        throw trimaranError("TRAIN_DATA", { problem: `the targets are of several types: ${[...types].join(", ")}` });
      }
      const sorted = met.toSorted(rawOrder);
      const place = new Map(sorted.map((raw, at) => [raw, at]));
      const byCode = met.map((raw) => place.get(raw) ?? 0);
      return { targets: targets.map((code) => byCode[code] ?? 0), classes: sorted.map(labelOf) };
    },
  };
}

function rawLabel(target: unknown): Raw | null {
  if (typeof target === "string" || typeof target === "boolean") return target;
  if (typeof target === "bigint") return Number.isSafeInteger(Number(target)) ? Number(target) : target;
  return typeof target === "number" && Number.isSafeInteger(target) ? target + 0 : null;
}

function labelOf(raw: Raw): Label {
  if (typeof raw === "string") return { type: "string", value: raw };
  if (typeof raw === "boolean") return { type: "boolean", value: raw };
  return { type: "integer", value: raw };
}

function rawOrder(left: Raw, right: Raw): number {
  if (typeof left === "string" && typeof right === "string") return codePointOrder(left, right);
  return left < right ? -1 : left > right ? 1 : 0;
}
