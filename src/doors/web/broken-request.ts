// Requests that Node's parser gives up on before any route sees them: answered on the bare socket, as problem documents too.

import type { Socket } from "node:net";
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import { http } from "../../io/plain-http.ts";
import type { Door } from "./door.ts";
import { problemText, problemType, toPublicError } from "./problem.ts";

/** The listener of `clientError`. */
export function answerBrokenRequest(door: Door, error: NodeJS.ErrnoException, socket: Socket): void {
  // A caller that went away wants no answer, and behind the start of another answer this one would be read as its rest.
  const answering = (socket as { _httpMessage?: { readonly headersSent: boolean } | null })._httpMessage;
  if (error.code === "ECONNRESET" || !socket.writable || answering?.headersSent === true) {
    socket.destroy();
    return;
  }
  answerOnSocket(door, toError(door, error), socket);
}

/** Answers where there is no request, and closes the connection. */
export function answerOnSocket(door: Door, error: TrimaranError, socket: Socket): void {
  const shown = toPublicError(error);
  const requestId = door.nextId();
  const body = problemText(shown, requestId);
  door.counters.countAnswer(door.counters.of("", "trimaran"), shown.status);
  door.counters.countRefusal(shown.code);
  door.observer?.broken({ requestId, status: shown.status, remote: socket.remoteAddress });
  socket.end(
    [
      `HTTP/1.1 ${shown.status} ${http.STATUS_CODES[shown.status] ?? "Error"}`,
      `Content-Type: ${problemType}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      ...(shown.status === 503 ? ["Retry-After: 1"] : []),
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
    () => socket.destroySoon(),
  );
}

function toError(door: Door, error: NodeJS.ErrnoException): TrimaranError {
  const { headersTimeoutMs, receiveTimeoutMs, maxHeaderBytes } = door.options;
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW":
      return trimaranError("REQUEST_HEADERS_TOO_LARGE", { limit: maxHeaderBytes });
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return trimaranError("REQUEST_SLOW", { limitMs: headersTimeoutMs, bodyLimitMs: receiveTimeoutMs });
    default:
      return trimaranError("REQUEST_MALFORMED", { problem: problemOf(error) });
  }
}

/** llhttp's reasons are fixed sentences that quote nothing of the request. */
function problemOf(error: NodeJS.ErrnoException & { readonly reason?: string }): string {
  return error.code?.startsWith("HPE_") === true && error.reason !== undefined ? error.reason : "it cannot be read";
}
