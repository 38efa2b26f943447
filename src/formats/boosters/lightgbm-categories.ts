// The categories of the data frame that a model was trained on: one list for each of its categorical columns, in order. Which
// columns those are stands in the parameters (`categorical_feature: 1,2`), else in `feature_infos`, where a categorical column
// has a list `-1:1:2` and a numeric one a range `[0:5]`.
import { trimaranError } from "../../base/errors.ts";
import type { Label } from "../../data/predictions.ts";
import { itemsOf, type JsonValue, type Located } from "./json-value.ts";
import type { LightgbmText } from "./lightgbm-text.ts";

/** One entry a column; null where no data frame with categories was trained on. @throws MODEL_ATTRIBUTE, MODEL_UNSUPPORTED */
export function frameCategories(text: LightgbmText, width: number): readonly (readonly Label[] | null)[] | null {
  if (text.categories === null) return null;
  const lists = itemsOf({ value: text.categories, path: "pandas_categorical" });
  if (lists.length === 0) return null;
  const columns = [byParameters(text, width), byInfos(text, width)].find((each) => each.length === lists.length);
  if (columns === undefined) {
    const what = `a data frame with ${lists.length} categorical columns that the file does not name`;
    throw trimaranError("MODEL_UNSUPPORTED", { path: "pandas_categorical", what, nearest: "" });
  }
  return Array.from({ length: width }, (_, column) => {
    const list = lists[columns.indexOf(column)];
    return list === undefined ? null : itemsOf(list).map(labelOf);
  });
}

function byParameters({ parameters }: LightgbmText, width: number): readonly number[] {
  const columns = (parameters.get("categorical_feature") ?? "").split(",");
  if (!columns.every((column) => /^\d{1,9}$/.test(column) && Number(column) < width)) return [];
  return [...new Set(columns.map(Number))].sort((a, b) => a - b);
}

function byInfos({ header }: LightgbmText, width: number): readonly number[] {
  const infos = (header.get("feature_infos") ?? "").split(" ");
  if (infos.length !== width || infos.includes("none")) return [];
  return [...infos.keys()].filter((column) => !infos[column]?.startsWith("["));
}

function labelOf({ value, path }: Located): Label {
  const label: JsonValue | undefined = value;
  if (typeof label === "string") return { type: "string", value: label };
  if (typeof label === "boolean") return { type: "boolean", value: label };
  if (typeof label !== "number") {
    throw trimaranError("MODEL_ATTRIBUTE", { path, problem: "a category was expected" });
  }
  return Number.isSafeInteger(label) ? { type: "integer", value: label } : { type: "float", value: label };
}
