// Errors as gRPC says them: a status code by what HTTP would answer, and the text of the protocol's REST errors.
import { Metadata, status } from "@grpc/grpc-js";
import { oipErrorText } from "../oip/oip-dialect.ts";
import type { PublicError } from "../problem.ts";

/** Many clients refuse more than 8 KiB of trailers, and not every character takes one byte there. */
const maxDetailChars = 1500;
const shownIssues = 20;

const codes: ReadonlyMap<number, status> = new Map([
  [401, status.UNAUTHENTICATED],
  [403, status.PERMISSION_DENIED],
  [404, status.NOT_FOUND],
  [409, status.FAILED_PRECONDITION],
  [413, status.RESOURCE_EXHAUSTED],
  [500, status.INTERNAL],
  [501, status.UNIMPLEMENTED],
  [503, status.UNAVAILABLE],
  [504, status.DEADLINE_EXCEEDED],
]);

export function grpcCode({ status: httpStatus }: PublicError): status {
  return codes.get(httpStatus) ?? status.INVALID_ARGUMENT;
}

export interface GrpcFailure {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

export function grpcFailure(error: PublicError, retrySeconds: number): GrpcFailure {
  const metadata = new Metadata();
  metadata.set("x-trimaran-code", error.code);
  if (error.status === 503) metadata.set("retry-after", String(retrySeconds));
  const text = oipErrorText(error, shownIssues);
  const details = text.length > maxDetailChars ? `${text.slice(0, maxDetailChars).toWellFormed()} …` : text;
  return { code: grpcCode(error), details, metadata };
}
