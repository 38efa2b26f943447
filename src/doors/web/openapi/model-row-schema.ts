// The rows of a model that is served alone, as JSON Schema: from its own names, types and categories. Huge vocabularies are
// shown in part, because a document of megabytes helps nobody.
import type { InputColumn, ModelInput, RecordFeature } from "../../../data/model-input.ts";
import { type JsonObject, present } from "./json-value.ts";

const maxShownFeatures = 200;
const maxShownCategories = 50;

/** What one row may be. */
export function modelRowSchema(input: ModelInput): JsonObject {
  switch (input.kind) {
    case "records":
      if (input.items !== undefined) return itemsSchema(input.items);
      return recordSchema(input.features);
    case "matrix":
      if (input.anyWidth === true) {
        return {
          type: "array",
          description: "Numbers; all rows as many.",
          items: { type: ["number", "null", "boolean"] },
        };
      }
      return columnsSchema(input.columns, input.named);
    case "table":
      return columnsSchema(input.columns, input.named);
  }
}

function itemsSchema(items: "strings" | "pairs"): JsonObject {
  if (items === "strings") return { type: "array", description: "Names.", items: { type: "string" } };
  const pair = { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], minItems: 2, maxItems: 2 };
  return { type: "array", description: "[name, value] pairs.", items: pair };
}

/** Nothing is required: a dictionary model takes what is missing for zero, and drops what it does not know. */
function recordSchema(features: readonly RecordFeature[]): JsonObject {
  const shown = features.slice(0, maxShownFeatures);
  return present({
    type: "object",
    description: moreText(features.length, maxShownFeatures, "features"),
    properties: Object.fromEntries(shown.map((feature) => [feature.name, featureSchema(feature)])),
    additionalProperties: anyFeature,
  });
}

/** What may stand under a name that is not shown, or that the model does not know. */
const anyFeature = { type: ["string", "number", "boolean", "null", "array"], items: { type: "string" } };

/** An unseen category is answered with a warning, so the known ones are no `enum`. */
function featureSchema({ numeric, categories }: RecordFeature): JsonObject {
  if (categories.length === 0) return { type: ["number", "boolean"] };
  return present({
    type: numeric ? ["string", "number", "boolean"] : "string",
    description: moreText(categories.length, maxShownCategories, "known categories"),
    examples: categories.slice(0, 3),
    "x-known-categories": categories.slice(0, maxShownCategories),
    "x-known-category-count": categories.length,
  });
}

function columnsSchema(columns: readonly InputColumn[], named: boolean): JsonObject {
  if (columns.length === 0) return { type: ["object", "array"], description: "The model looks at no column." };
  const shown = columns.slice(0, maxShownFeatures);
  const whole = shown.length === columns.length;
  const array = present({
    type: "array",
    description: `${columns.length} values in the order of the columns${named ? `: ${shown.map(({ name }) => name).join(", ")}` : ""}.`,
    prefixItems: shown.map(columnSchema),
    ...(whole ? { items: false } : {}),
    minItems: columns.length,
    maxItems: columns.length,
  });
  if (!named) return array;
  const needed = columns.filter(({ optional }) => optional !== true).map(({ name }) => name);
  const object = present({
    type: "object",
    description: moreText(columns.length, maxShownFeatures, "columns"),
    properties: Object.fromEntries(shown.map((column) => [column.name, columnSchema(column)])),
    required: needed.length === 0 ? undefined : needed.slice(0, maxShownFeatures),
  });
  return { anyOf: [object, array] };
}

/** Whole numbers come as numbers too: the model looks at their value. null is a missing value, which the model may refuse. */
function columnSchema({ type }: InputColumn): JsonObject {
  switch (type) {
    case "number":
    case "integer":
      return { type: ["number", "boolean", "null"] };
    case "string":
    case "boolean":
    case "any":
      return { type: ["string", "number", "boolean", "null"] };
  }
}

function moreText(count: number, limit: number, what: string): string | undefined {
  return count > limit ? `${count} ${what}, of which ${limit} are shown.` : undefined;
}
