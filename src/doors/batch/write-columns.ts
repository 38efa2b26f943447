// The columns of the output as a definition's `batch.write` says them: where each comes from.
import { didYouMean } from "../../base/did-you-mean.ts";
import { trimaranError } from "../../base/errors.ts";
import type { BatchSection } from "../../deployment/sections.ts";

export type WriteSource =
  | { readonly kind: "id" }
  | { readonly kind: "row"; readonly column: string }
  | { readonly kind: "truth" }
  | { readonly kind: "output"; readonly field: string }
  | { readonly kind: "difference"; readonly field: string; readonly from: "truth" | "output" }
  | { readonly kind: "version" }
  | { readonly kind: "period" }
  | { readonly kind: "file" };

export interface WriteColumn {
  readonly name: string;
  readonly source: WriteSource;
}

/** Without `write`: the id, every output, the model's version. @throws BATCH_WRITE */
export function writeColumns(batch: BatchSection, outputs: readonly string[]): readonly WriteColumn[] {
  const written: Readonly<Record<string, string>> =
    batch.write ??
    Object.fromEntries([
      ["id", "id"],
      ...outputs
        .filter((field) => field !== "id" && field !== "model_version")
        .map((field) => [field, `output.${field}`]),
      ["model_version", "version"],
    ]);
  const columns = Object.entries(written).map(([name, text]) => ({
    name,
    source: sourceOf(name, { text: text.trim(), batch, outputs }),
  }));
  const folded = columns.map(({ name }) => name.toLowerCase());
  const twice = columns.find(({ name }, at) => folded.indexOf(name.toLowerCase()) !== at);
  if (twice !== undefined) {
    throw refusal(twice.name, written[twice.name] ?? "", "two columns differ in upper and lower case only");
  }
  if (columns.length === 0) throw refusal("", "nothing", "the output has no columns");
  return columns;
}

interface Written {
  readonly text: string;
  readonly batch: BatchSection;
  readonly outputs: readonly string[];
}

function sourceOf(name: string, { text, batch, outputs }: Written): WriteSource {
  const field = (asked: string | undefined): string => {
    const [only] = outputs;
    if (asked === undefined && outputs.length === 1 && only !== undefined) return only;
    if (asked === undefined) throw refusal(name, text, `there are several outputs: ${outputs.join(", ")}`);
    if (outputs.includes(asked)) return asked;
    throw refusal(name, text, `there is no output ${asked}${didYouMean(asked, outputs)}`);
  };
  const truth = (): void => {
    if (batch.truth === undefined) throw refusal(name, text, "`batch.truth` names no column");
  };
  if (text === "id" || text === "version" || text === "period" || text === "file") return { kind: text };
  if (text === "row") return { kind: "row", column: name };
  if (text.startsWith("row.")) return { kind: "row", column: text.slice("row.".length) };
  if (text === "truth") {
    truth();
    return { kind: "truth" };
  }
  const [, output, asked] = /^(output)(?:\.(.+))?$/.exec(text) ?? [];
  if (output !== undefined) return { kind: "output", field: field(asked) };
  const [, subtracted] = /^truth - output(?:\.(.+))?$/.exec(text) ?? [];
  const [, reversed] = /^output(?:\.(.+))? - truth$/.exec(text) ?? [];
  if (text.startsWith("truth - output") || text.endsWith(" - truth")) {
    const from = text.startsWith("truth") ? "truth" : "output";
    const isWhole = /^truth - output(\..+)?$|^output(\..+)? - truth$/.test(text);
    if (!isWhole) throw refusal(name, text, "nothing of that name is known");
    truth();
    return { kind: "difference", field: field(subtracted ?? reversed), from };
  }
  throw refusal(name, text, "nothing of that name is known");
}

function refusal(column: string, source: string, problem: string): Error {
  return trimaranError("BATCH_WRITE", { column, source, problem });
}
