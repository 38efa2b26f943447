// One request for predictions on its way, and what both kinds of body share.
import type { FastifyReply } from "fastify";
import { type Issue, type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { AnswerOptions, PredictionService } from "../../serving/prediction-service.ts";
import type { Door } from "./door.ts";
import type { Flight } from "./flights.ts";

export interface PredictCall {
  readonly door: Door;
  readonly service: PredictionService;
  readonly reply: FastifyReply;
  readonly flight: Flight<FastifyReply>;
  readonly predictionId: string;
  readonly meta: boolean;
}

/** On the web a misspelt name is refused; a definition may say otherwise. */
export const webAnswerOptions: AnswerOptions = Object.freeze({ unknownFields: "reject-close" as const });

/** 422 with every issue. */
export function invalidRows(issues: readonly Issue[]): TrimaranError {
  const [first] = issues;
  const text = first === undefined ? "" : `${first.path === "" ? "" : `${first.path}: `}${first.message}`;
  return trimaranError("REQUEST_INVALID", { count: issues.length, first: text }, { issues });
}
