// Objectives of LightGBM: how its raw score becomes its answer. Source: LightGBM/src/objective/*.hpp, ConvertOutput.
import { trimaranError } from "../../base/errors.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { ValueId } from "../../model/value.ts";

export type LightgbmAnswer = "identity" | "squared" | "logistic" | "exp" | "softplus" | "softmax";

export interface LightgbmObjective {
  readonly answer: LightgbmAnswer;
  /** Multiplies the score of `logistic`. */
  readonly sigmoid: number;
}

const answers: ReadonlyMap<string, LightgbmAnswer> = new Map([
  ...["regression", "regression_l1", "huber", "fair", "quantile", "mape", "lambdarank", "rank_xendcg", "custom"].map(
    (name) => [name, "identity"] as const,
  ),
  ...["binary", "multiclassova", "cross_entropy"].map((name) => [name, "logistic"] as const),
  ...["poisson", "gamma", "tweedie"].map((name) => [name, "exp"] as const),
  ["cross_entropy_lambda", "softplus"],
  ["multiclass", "softmax"],
  // Their names until 2.3.
  ["xentropy", "logistic"],
  ["xentlambda", "softplus"],
]);

/** `binary sigmoid:1`; no objective at all was one of the user's own, which answers the raw score. @throws MODEL_UNSUPPORTED */
export function lightgbmObjective(line: string | undefined): LightgbmObjective {
  const [name = "", ...settings] = (line ?? "").split(" ").filter((word) => word !== "");
  const answer = name === "" ? "identity" : answers.get(name);
  if (answer === undefined) {
    throw trimaranError("MODEL_UNSUPPORTED", { path: "objective", what: `the objective ${name}`, nearest: "" });
  }
  const sigmoid = settings.find((setting) => setting.startsWith("sigmoid:"))?.slice("sigmoid:".length);
  const slope = sigmoid === undefined ? 1 : Number(sigmoid);
  if (!(slope > 0)) {
    throw trimaranError("MODEL_ATTRIBUTE", { path: "objective", problem: "`sigmoid` must be above 0" });
  }
  return { answer: answer === "identity" && settings.includes("sqrt") ? "squared" : answer, sigmoid: slope };
}

export function lightgbmAnswer(graph: GraphBuilder, raw: ValueId, { answer, sigmoid }: LightgbmObjective): ValueId {
  switch (answer) {
    case "identity":
      return raw;
    case "squared": {
      const size = graph.add({ kind: "map", inputs: [raw], function: "abs" });
      return graph.add({ kind: "combine", inputs: [size, raw], function: "multiply" });
    }
    case "logistic": {
      const steps = [{ step: "multiply", values: Float64Array.of(sigmoid) }] as const;
      const scaled = sigmoid === 1 ? raw : graph.add({ kind: "columnwise", inputs: [raw], steps, number: "f64" });
      return graph.add({ kind: "map", inputs: [scaled], function: "expit" });
    }
    case "exp":
      return graph.add({ kind: "map", inputs: [raw], function: "exp" });
    case "softplus": {
      const power = graph.add({ kind: "map", inputs: [raw], function: "exp" });
      return graph.add({ kind: "map", inputs: [power], function: "log1p" });
    }
    case "softmax":
      return graph.add({ kind: "softmax", inputs: [raw] });
  }
}
