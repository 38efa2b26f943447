// What a scikit-learn class of XGBoost notes in its file when it saves, as JSON in the attribute `scikit_learn`:
//
//   { "_estimator_type": "classifier", … }     from 1.4; before, "type": "XGBClassifier"
//   until 1.7 all parameters, of which `missing` counts; until 1.5 "_le": { "classes_": [labels] }
import type { Label } from "../../data/predictions.ts";
import { hasMember, itemsOf, type JsonValue, jsonError, type Located, memberOf } from "./json-value.ts";
import { parseJson } from "./parse-json.ts";
import type { XgboostParts } from "./xgboost-parts.ts";

export interface XgboostNotes {
  readonly isClassifier: boolean;
  /** A number that stands for a missing cell beside NaN. */
  readonly missing: number;
  /** Null: classes are 0, 1, … */
  readonly labels: readonly Label[] | null;
}

const path = "attributes.scikit_learn";

/** Null where a native Booster was saved. @throws FORMAT_DAMAGED, MODEL_ATTRIBUTE */
export function xgboostNotes({ attributes }: XgboostParts): XgboostNotes | null {
  const text = attributes.get("scikit_learn");
  if (text === undefined) return null;
  const notes: Located = { value: parseJson(text, path), path };
  const missing = noteOf(notes, "missing");
  const type = noteOf(notes, "type");
  return {
    isClassifier:
      noteOf(notes, "_estimator_type") === "classifier" || (typeof type === "string" && type.endsWith("Classifier")),
    missing: typeof missing === "number" ? missing : Number.NaN,
    labels: labelsOf(notes, text),
  };
}

function noteOf(at: Located, key: string): JsonValue | undefined {
  return hasMember(at, key) ? memberOf(at, key).value : undefined;
}

function labelsOf(notes: Located, text: string): readonly Label[] | null {
  const encoder = memberOf(notes, "_le");
  if (encoder.value === undefined || encoder.value === null) return null;
  const items = itemsOf(memberOf(encoder, "classes_"));
  // Parsed numbers no longer tell 1.0 from 1, nor integers beyond 2^53 from one another: their text does.
  const words = (/"_le":\s*\{\s*"classes_":\s*\[([^\]]*)\]/.exec(text)?.[1] ?? "")
    .split(",")
    .map((word) => word.trim());
  const isFloat = words.some((word) => /[.eN]/.test(word));
  return items.map(({ value, path: at }, index): Label => {
    if (typeof value === "string") return { type: "string", value };
    if (typeof value === "boolean") return { type: "boolean", value };
    if (typeof value !== "number" || words.length !== items.length) throw jsonError(at, "a label was expected");
    if (isFloat) return { type: "float", value };
    const word = words[index] ?? "";
    if (!/^-?\d{1,20}$/.test(word)) throw jsonError(at, "a label was expected");
    return { type: "integer", value: Number.isSafeInteger(value) ? value : BigInt(word) };
  });
}
