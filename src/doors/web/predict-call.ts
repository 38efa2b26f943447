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

/** On the web a misspelt name is refused; a definition may say otherwise. `id` is that of the request or of one of its rows. */
export function answerOptions(id: string, numbered: boolean, whole = false): AnswerOptions {
  return { unknownFields: "reject-close", id, numbered, whole };
}

/** Problems of rows that the definition caused, not the row: their messages come from the user's code. */
const definitionCodes: ReadonlySet<string> = new Set(["features_failed", "output_failed"]);

/** 422 with everything that the caller can mend; where there is nothing of that kind, the definition's own failure. */
export function rowsError(service: PredictionService, issues: readonly Issue[]): TrimaranError {
  const mendable = issues.filter((issue) => !definitionCodes.has(issue.code));
  const [first] = mendable;
  if (first !== undefined) {
    const text = `${first.path === "" ? "" : `${first.path}: `}${first.message}`;
    return trimaranError("REQUEST_INVALID", { count: mendable.length, first: text }, { issues: mendable });
  }
  const code = issues[0]?.code === "output_failed" ? "DEFINITION_OUTPUT" : "DEFINITION_FEATURES";
  return trimaranError(code, { name: service.name, problem: issues[0]?.message ?? "" }, { issues });
}
