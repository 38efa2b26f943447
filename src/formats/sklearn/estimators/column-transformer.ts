// ColumnTransformer: members that each see some columns; their results stand side by side in the order of `transformers_`.
// Source: sklearn/compose/_column_transformer.py.
import { trimaranError } from "../../../base/errors.ts";
import type { ModelInput } from "../../../data/model-input.ts";
import type { ValueId } from "../../../model/value.ts";
import { describeValue, isNode, type PyValue } from "../../pickle/tree.ts";
import { applyEstimator } from "../apply-estimator.ts";
import { type ColumnKey, columnKeys, namesOf } from "../column-keys.ts";
import type { BuildContext, EstimatorRecord, NextInput, Opener } from "../estimator.ts";
import { attribute, attributeError, booleanOf, has, type Instance, instanceOf, itemsOf, pathOf } from "../instance.ts";
import { type ColumnUse, mergedInput, usesOf } from "../merge-inputs.ts";
import { featureCount } from "../numeric-input.ts";
import { memberWeight, sideBySide, weighted } from "../side-by-side.ts";
import { isIdentity } from "./function-transformer.ts";

export const columnTransformer: EstimatorRecord = {
  name: "ColumnTransformer",
  classes: ["sklearn.compose._column_transformer.ColumnTransformer"],
  fitted: ["transformers_"],
  exactness: "exact",
  note: "as exact as its members",
  takesTables: true,
  input: transformerInput,
  toOps(self, input, context) {
    const { graph } = context;
    const type = graph.typeOf(input);
    if (type.kind === "records" || type.kind === "label") {
      throw trimaranError("MODEL_UNSUPPORTED", {
        path: self.path,
        what: `a ColumnTransformer of ${type.kind}`,
        nearest: "",
      });
    }
    const names = type.kind === "table" ? type.columns.map(({ name }) => name) : type.names;
    const width = type.kind === "table" ? type.columns.length : type.width;
    const layout: Layout = { ...fittedLayout(self), places: names };
    const parts = members(self, layout).flatMap((member) => {
      const columns = Int32Array.from(member.keys, (key) => placeOf(key, { member, layout, width }));
      const chosen = graph.add({ kind: "select", inputs: [input], columns });
      const value = member.estimator === null ? chosen : transformed(member, chosen, { self, context });
      return [weighted(value, memberWeight(self, member.name), { graph, path: member.path })];
    });
    const value = sideBySide(self, parts, { graph, sparse: booleanOf(self, "sparse_output_", false) });
    return { transform: { value, scalar: false } };
  },
};

interface Member {
  readonly name: string;
  readonly path: string;
  /** null passes its columns on. */
  readonly estimator: PyValue;
  readonly keys: readonly ColumnKey[];
}

/** What the file knows of the columns. `places`: the names of the value at hand, where they differ from the fitted ones. */
interface Layout {
  readonly names: readonly string[] | null;
  readonly width: number | null;
  readonly places?: readonly string[] | null;
}

/** The names of all columns: `feature_names_in_` (1.0+), `_feature_names_in` (0.22 to 0.24), `_df_columns` (before). */
function fittedLayout(self: Instance): Layout {
  for (const name of ["feature_names_in_", "_feature_names_in", "_df_columns"]) {
    const names = has(self, name) ? namesOf(attribute(self, name), pathOf(self, name)) : null;
    if (names !== null) return { names, width: names.length };
  }
  for (const name of ["n_features_in_", "_n_features"]) {
    if (has(self, name)) return { names: null, width: featureCount(self) };
  }
  return { names: null, width: null };
}

/** The members that add columns. */
function members(self: Instance, layout: Layout): readonly Member[] {
  return itemsOf(self, "transformers_").flatMap((item, index): readonly Member[] => {
    const path = `${pathOf(self, "transformers_")}[${index}]`;
    const [name, estimator, columns] = isNode(item) && item.kind === "tuple" ? item.items : [];
    if (typeof name !== "string" || estimator === undefined || columns === undefined) {
      throw attributeError(self, "transformers_", `item ${index} is not (name, transformer, columns)`);
    }
    if (estimator === "drop" || estimator === null || columns === null) return [];
    const keys = columnKeys(columns, path, layout);
    if (keys.length === 0) return [];
    const passes = estimator === "passthrough" || isIdentity(instanceOf(estimator, path, self));
    if (!passes && typeof estimator === "string") {
      throw attributeError(self, "transformers_", `item ${index} is ${describeValue(estimator)}`);
    }
    return [{ name, path, estimator: passes ? null : estimator, keys }];
  });
}

interface PlaceOptions {
  readonly member: Member;
  readonly layout: Layout;
  readonly width: number;
}

function placeOf(key: ColumnKey, { member, layout, width }: PlaceOptions): number {
  const { names, places = null } = layout;
  const name =
    typeof key === "string" ? key : places === null ? undefined : names?.[key < 0 ? key + names.length : key];
  if (name !== undefined) {
    const place = (places ?? names)?.indexOf(name) ?? -1;
    if (place >= 0) return place;
    if (typeof key === "string") {
      const what = `the column ${JSON.stringify(key)}, which is not among the names of what comes in`;
      throw trimaranError("MODEL_UNSUPPORTED", { path: member.path, what, nearest: "" });
    }
  }
  const position = Number(key);
  const place = position < 0 ? position + width : position;
  if (Number.isInteger(place) && place >= 0 && place < width) return place;
  throw trimaranError("MODEL_ATTRIBUTE", { path: member.path, problem: `there is no column ${position} of ${width}` });
}

function transformed(
  member: Member,
  value: ValueId,
  { self, context }: { readonly self: Instance; readonly context: BuildContext },
): ValueId {
  const opened = context.open(member.estimator, member.path, self);
  const output = applyEstimator(opened, value, context).transform;
  if (output !== undefined) return output.value;
  const what = `${opened.record.name} in a ColumnTransformer (it cannot transform)`;
  throw trimaranError("MODEL_UNSUPPORTED", { path: member.path, what, nearest: "" });
}

/**
 * Every fitted column, typed by the members that look into it. Columns that are only passed on are numbers where the next
 * step takes numbers only, or where no member of an unnamed matrix takes anything else.
 */
function transformerInput(self: Instance, opener: Opener, next?: NextInput): ModelInput {
  const layout = fittedLayout(self);
  const all = members(self, layout);
  const names = layout.names ?? positionNames(all, layout) ?? onlyNames(all, self);
  const named = typeof names[0] === "string" && (layout.names !== null || layout.width === null || all.some(hasNames));
  const uses: ColumnUse[][] = names.map(() => []);
  const placesOf = (member: Member): readonly number[] =>
    member.keys.map((key) => placeOf(key, { member, layout: { ...layout, names, places: null }, width: names.length }));
  const followed = next?.()?.kind === "matrix";
  for (const member of all) {
    if (member.estimator === null) continue;
    const { instance, record } = opener.open(member.estimator, member.path, self);
    const input = record.input(instance, opener, () => (followed ? numbersOnly(member.keys.length) : null));
    const own = usesOf(input) ?? member.keys.map((): ColumnUse => ({ type: "string", nullable: false }));
    for (const [index, place] of placesOf(member).entries()) {
      const use = own[index];
      if (use !== undefined) uses[place]?.push(use);
    }
  }
  const allNumbers = !named && uses.flat().every(({ type }) => type === "number");
  const passed = new Set(all.filter(({ estimator }) => estimator === null).flatMap(placesOf));
  for (const [place, own] of uses.entries()) {
    if (own.length === 0 && followed && passed.has(place)) own.push({ type: "number", nullable: true });
  }
  return mergedInput({ names, named, uses, unused: allNumbers ? "number" : "any" });
}

function numbersOnly(width: number): ModelInput {
  const columns = Array.from({ length: width }, (_, index) => ({
    name: String(index),
    type: "number" as const,
    nullable: false,
  }));
  return { kind: "matrix", named: false, columns };
}

function hasNames({ keys }: Member): boolean {
  return keys.some((key) => typeof key === "string");
}

function positionNames(all: readonly Member[], { width }: Layout): readonly string[] | null {
  if (width === null || all.some(hasNames)) return null;
  return Array.from({ length: width }, (_, index) => String(index));
}

/** Files of 0.20 and 0.21 without a remainder know only the names that their members ask for. */
function onlyNames(all: readonly Member[], self: Instance): readonly string[] {
  const keys = new Set(all.flatMap((member) => member.keys));
  const names = [...keys].filter((key) => typeof key === "string");
  if (names.length > 0 && names.length === keys.size) return names;
  const what = "names and positions side by side in a file that does not hold all names";
  throw trimaranError("MODEL_UNSUPPORTED", { path: pathOf(self, "transformers_"), what, nearest: "" });
}
