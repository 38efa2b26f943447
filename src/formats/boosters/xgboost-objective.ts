// Objectives of XGBoost: how its margin becomes its answer, and its base score a margin. All in float32.
// Source: xgboost/src/objective/*.cu, PredTransform and ProbToMargin.
import { trimaranError } from "../../base/errors.ts";

/**
 * - `identity`: the margin itself
 * - `logistic`, `exp`: of each margin
 * - `hinge`: 1 where the margin is above 0
 * - `softmax`: one probability an output; `argmax`: the number of the largest
 */
export type XgboostAnswer = "identity" | "logistic" | "exp" | "hinge" | "softmax" | "argmax";

export interface XgboostObjective {
  readonly answer: XgboostAnswer;
  readonly base: "identity" | "logit" | "log";
}

const identity: XgboostObjective = { answer: "identity", base: "identity" };
const logistic: XgboostObjective = { answer: "logistic", base: "logit" };
const exponential: XgboostObjective = { answer: "exp", base: "log" };

export const xgboostObjectives: ReadonlyMap<string, XgboostObjective> = new Map([
  ["reg:squarederror", identity],
  ["reg:linear", identity],
  ["reg:squaredlogerror", identity],
  ["reg:pseudohubererror", identity],
  ["reg:absoluteerror", identity],
  ["reg:quantileerror", identity],
  ["reg:expectileerror", identity],
  ["rank:pairwise", identity],
  ["rank:ndcg", identity],
  ["rank:map", identity],
  ["reg:logistic", logistic],
  ["binary:logistic", logistic],
  ["binary:logitraw", identity],
  ["binary:hinge", { answer: "hinge", base: "identity" }],
  ["count:poisson", exponential],
  ["reg:gamma", exponential],
  ["reg:tweedie", exponential],
  ["survival:cox", exponential],
  ["survival:aft", exponential],
  ["multi:softprob", { answer: "softmax", base: "identity" }],
  ["multi:softmax", { answer: "argmax", base: "identity" }],
]);

/** @throws MODEL_UNSUPPORTED */
export function xgboostObjective(name: string): XgboostObjective {
  const objective = xgboostObjectives.get(name);
  if (objective !== undefined) return objective;
  throw trimaranError("MODEL_UNSUPPORTED", { path: "learner.objective", what: `the objective ${name}`, nearest: "" });
}

/** Until 0.90 a file held the margin itself. */
export function baseMargin(score: number, { base }: XgboostObjective): number {
  if (base === "logit") return Math.fround(-Math.log(Math.fround(Math.fround(1 / score) - 1)));
  return base === "log" ? Math.fround(Math.log(score)) : score;
}
