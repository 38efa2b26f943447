// A server that speaks the Open Inference Protocol, as a predictor needs it; REST and gRPC are the two ways to it.
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { InferRequest, InferResponse } from "../../formats/oip/infer.ts";
import type { ModelMetadata } from "../../formats/oip/model-metadata.ts";

export interface RemoteClient {
  /** `host:port`. */
  readonly server: string;
  /** @throws REMOTE_* */
  metadata(): Promise<ModelMetadata>;
  /** @throws REMOTE_* */
  infer(request: InferRequest): Promise<InferResponse>;
  close(): void;
}

export interface RemoteOptions {
  /** For one request and its retries. @default 30,000 */
  readonly timeoutMs?: number;
  /** Answers above it are refused. @default 64 MiB */
  readonly maxAnswerBytes?: number;
  /** How often a request is sent at most, where the server cannot be reached or says that it is busy. @default 3 */
  readonly attempts?: number;
  /** Sent as `Authorization: Bearer …`. @default the environment variable TRIMARAN_OIP_TOKEN */
  readonly token?: string;
}

export interface ResolvedRemoteOptions {
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly attempts: number;
  readonly token: string | null;
}

export function resolveRemoteOptions(options: RemoteOptions = {}): ResolvedRemoteOptions {
  return {
    timeoutMs: options.timeoutMs ?? 30_000,
    maxAnswerBytes: options.maxAnswerBytes ?? 64 * 2 ** 20,
    attempts: options.attempts ?? 3,
    token: (options.token ?? process.env["TRIMARAN_OIP_TOKEN"]) || null,
  };
}

/** What an attempt ended in when another may help. */
export class TryAgain {
  readonly problem: string;
  readonly cause: unknown;

  constructor(problem: string, cause: unknown = null) {
    this.problem = problem;
    this.cause = cause;
  }
}

const firstPauseMs = 100;

export interface Attempts<Answer> {
  readonly server: string;
  readonly options: ResolvedRemoteOptions;
  /** Sends once, within so many milliseconds. */
  readonly send: (timeoutMs: number) => Promise<Answer | TryAgain>;
}

/**
 * Sends until there is an answer. Only what was never worked on is sent again: the pauses double, with some chance in them, so
 * that callers who failed together do not come back together.
 * @throws REMOTE_UNAVAILABLE, REMOTE_TIMEOUT, and what `send` throws
 */
export async function withAttempts<Answer>({ server, options, send }: Attempts<Answer>): Promise<Answer> {
  const { timeoutMs } = options;
  const end = performance.now() + timeoutMs;
  for (let attempt = 1; ; attempt++) {
    const left = end - performance.now();
    if (left < 1) throw trimaranError("REMOTE_TIMEOUT", { server, timeoutMs });
    const answer = await send(Math.ceil(left));
    if (!(answer instanceof TryAgain)) return answer;
    const pauseMs = firstPauseMs * 4 ** (attempt - 1) * (0.5 + Math.random());
    if (attempt >= options.attempts || performance.now() + pauseMs >= end) {
      throw trimaranError("REMOTE_UNAVAILABLE", { server, problem: answer.problem }, { cause: answer.cause });
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** What a peer sent and we cannot read. */
export function answerProblem(server: string, problem: string, cause?: unknown): TrimaranError {
  return trimaranError("REMOTE_ANSWER", { server, problem }, { cause });
}

/** Runs a reader of an answer: its OIP_* errors are about the server, not about the caller. */
export function readingAnswer<Result>(server: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    if (isTrimaranError(cause) && cause.code.startsWith("OIP_")) {
      throw answerProblem(server, cause.message.replace(/\.$/, ""), cause);
    }
    throw cause;
  }
}
