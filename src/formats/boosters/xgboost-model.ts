// A model file of XGBoost as a whole: what it takes, and what it answers as whoever saved it would ask it.
//
// A file that a scikit-learn class saved says so in its attributes and answers as that class does; any other is a native
// Booster's.
import type { ModelInput } from "../../data/model-input.ts";
import type { GraphOutput } from "../../model/graph.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ValueId } from "../../model/value.ts";
import { bestTrees, boosterMethods, predictsInPlace, xgboostInput, xgboostScores } from "./xgboost.ts";
import { readXgboostFile, type XgboostContainer } from "./xgboost-file.ts";
import { xgboostNotes } from "./xgboost-notes.ts";
import type { XgboostParts } from "./xgboost-parts.ts";
import { classifierMethods, regressorMethods } from "./xgboost-wrapper.ts";

export interface XgboostModel {
  readonly container: XgboostContainer;
  /** `3.4.1`, or `0.x` where the file does not say. */
  readonly version: string;
  readonly input: ModelInput;
  /** What a reader of `inspect` should know. */
  readonly notes: readonly string[];
  toOps(graph: GraphBuilder, input: ValueId): Readonly<Record<string, GraphOutput>>;
}

/** @throws FORMAT_*, MODEL_ATTRIBUTE, MODEL_TREE, MODEL_UNSUPPORTED */
export function readXgboostModel(bytes: Uint8Array, name: string): XgboostModel {
  const { container, parts } = readXgboostFile(bytes, name);
  const notes = xgboostNotes(parts);
  return {
    container,
    version: versionText(parts),
    input: xgboostInput(parts),
    notes: codedColumns(parts),
    toOps: (graph, input) => {
      if (notes === null) {
        return boosterMethods(xgboostScores(parts, { graph, input, options: { name, inPlace: false } }));
      }
      const options = {
        name,
        inPlace: predictsInPlace(parts),
        missing: notes.missing,
        trees: bestTrees(parts),
      };
      const scores = xgboostScores(parts, { graph, input, options });
      return notes.isClassifier ? classifierMethods(scores, { graph, labels: notes.labels }) : regressorMethods(scores);
    },
  };
}

export function versionText({ version }: XgboostParts): string {
  return version[0] === 0 ? "0.x" : version.join(".");
}

/** Until 3.0 a model does not keep the categories of the data frame that it was trained on. */
function codedColumns({ categories, featureTypes, featureNames }: XgboostParts): readonly string[] {
  if (categories !== null) return [];
  const columns = [...featureTypes.keys()].filter((column) => featureTypes[column] === "c");
  if (columns.length === 0) return [];
  const names = columns.map((column) => featureNames[column] ?? String(column)).join(", ");
  return [`the file does not keep its categories: these columns take the number of a category: ${names}`];
}
