// What the environment of a function says, in the course's own variables and in ours.
import { trimaranError } from "../../../base/errors.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What becomes of a record that cannot be read or validated:
 * - `dead-letter`: it is put into a stream of its own, and the others go on
 * - `retry`: it is reported to the event source mapping, which sends it and all behind it again, as often as it is told to
 * - `skip`: it is told of in the log, and the others go on
 */
export type OnPoison = "dead-letter" | "retry" | "skip";

export interface LambdaSettings {
  /** The stream that answers are put into; null: none (`TEST_RUN`). */
  readonly outputStream: string | null;
  readonly deadLetterStream: string | null;
  readonly onPoison: OnPoison;
  /** The `version` of answers, where the environment says it (`RUN_ID`). */
  readonly version: string | null;
  /** A model in the place of the definition's. */
  readonly model: string | null;
  readonly endpoint: string | null;
  readonly region: string | null;
}

/** As in the course: `ride_predictions`. */
export const defaultOutputStream = "ride_predictions";

/** @throws LAMBDA_SETTING */
export function readLambdaSettings(env: Environment): LambdaSettings {
  const isTest = switchOf(env, "TEST_RUN");
  const deadLetterStream = streamOf(env, "DEAD_LETTER_STREAM_NAME");
  const version = env["RUN_ID"] || null;
  const asked = env["POISON_RECORDS"] || (deadLetterStream === null ? "retry" : "dead-letter");
  if (asked !== "dead-letter" && asked !== "retry" && asked !== "skip") {
    throw trimaranError("LAMBDA_SETTING", { name: "POISON_RECORDS", expected: "dead-letter, retry or skip" });
  }
  if (asked === "dead-letter" && deadLetterStream === null) {
    throw trimaranError("LAMBDA_SETTING", { name: "DEAD_LETTER_STREAM_NAME", expected: "the name of a stream" });
  }
  return {
    outputStream: isTest ? null : (streamOf(env, "PREDICTIONS_STREAM_NAME") ?? defaultOutputStream),
    deadLetterStream: isTest ? null : deadLetterStream,
    onPoison: asked,
    version,
    model: modelOf(env, version),
    endpoint: env["KINESIS_ENDPOINT_URL"] || null,
    region: env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || null,
  };
}

/** The course's two ways to say where the model is, behind our own `MODEL_URI`. */
function modelOf(env: Environment, runId: string | null): string | null {
  if (env["MODEL_URI"]) return null;
  if (env["MODEL_LOCATION"]) return env["MODEL_LOCATION"];
  const bucket = env["MODEL_BUCKET"];
  if (!bucket || runId === null) return null;
  return `s3://${bucket}/${env["MLFLOW_EXPERIMENT_ID"] || "1"}/${runId}/artifacts/model`;
}

function switchOf(env: Environment, name: string): boolean {
  const text = (env[name] ?? "").toLowerCase();
  if (/^(true|1|yes|on)$/.test(text)) return true;
  if (/^(false|0|no|off|)$/.test(text)) return false;
  throw trimaranError("LAMBDA_SETTING", { name, expected: "True or False" });
}

function streamOf(env: Environment, name: string): string | null {
  const text = env[name] || null;
  if (text === null || /^[A-Za-z0-9_.-]{1,128}$/.test(text)) return text;
  throw trimaranError("LAMBDA_SETTING", { name, expected: "the name of a stream: letters, digits, _ . and -" });
}
