// Which columns of the output are compared: the truth, the answer, and those that it is cut by.
import { didYouMean } from "../../../base/did-you-mean.ts";
import { trimaranError } from "../../../base/errors.ts";
import type { WriteColumn } from "../write-columns.ts";

export interface BacktestPlan {
  /** SQL over the output's columns. */
  readonly truth: string;
  readonly answer: string;
  /** The output field that is compared. */
  readonly field: string;
  readonly slices: readonly string[];
}

/**
 * null: the output does not hold the truth beside an answer, and no slices were asked for.
 * @throws BATCH_BACKTEST
 */
export function backtestPlan(write: readonly WriteColumn[], slices: readonly string[]): BacktestPlan | null {
  const compared = comparedOf(write);
  if (compared === null) {
    if (slices.length === 0) return null;
    const problem = "`batch.write` of the definition writes no truth beside an output";
    throw trimaranError("BATCH_BACKTEST", { problem });
  }
  const names = write.map(({ name }) => name);
  const strange = slices.find((slice) => !names.includes(slice));
  if (strange === undefined) return { ...compared, slices };
  const problem = `it is to be cut by ${strange}, which is no column of the output${didYouMean(strange, names)}`;
  throw trimaranError("BATCH_BACKTEST", { problem });
}

/** Of several outputs the first one that is written. A difference tells whichever of the two is not there. */
function comparedOf(write: readonly WriteColumn[]): Omit<BacktestPlan, "slices"> | null {
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  let truth: string | null = null;
  const answers = new Map<string, string>();
  for (const { name, source } of write) {
    if (source.kind === "truth") truth ??= quoted(name);
    if (source.kind === "output" && !answers.has(source.field)) answers.set(source.field, quoted(name));
  }
  const [first] = answers;
  if (truth !== null && first !== undefined) return { truth, answer: first[1], field: first[0] };
  for (const { name, source } of write) {
    if (source.kind !== "difference") continue;
    const sign = source.from === "truth" ? "-" : "+";
    const answer = answers.get(source.field);
    if (truth !== null) return { truth, answer: `(${truth} ${sign} ${quoted(name)})`, field: source.field };
    const back = source.from === "truth" ? "+" : "-";
    if (answer !== undefined) return { truth: `(${answer} ${back} ${quoted(name)})`, answer, field: source.field };
  }
  return null;
}
