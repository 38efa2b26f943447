// What is told of a worker that cannot accept on the socket that it was handed.
import { isTrimaranError } from "../../../base/errors.ts";
import { portError } from "../../../io/bound-socket.ts";

interface Address {
  readonly host: string;
  readonly port: number;
}

export function socketProblem(error: Error, address: Address): Error {
  if (isTrimaranError(error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  return portError(code ?? errnoOf(error), address, error);
}

/** An error of another process has lost its code, and its message begins with the call and the code. */
function errnoOf(error: Error): string {
  return /\b(E[A-Z]{3,})\b/.exec(error.message)?.[1] ?? "";
}
