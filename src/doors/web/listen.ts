// Opening the port, and what may stand in the way.
import type { Server } from "node:http";
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { ResolvedWebOptions } from "./web-options.ts";

/** @throws PORT_IN_USE, PORT_NOT_ALLOWED */
export function listen(server: Server, { host, port }: ResolvedWebOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen({ host, port }, resolve);
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): TrimaranError {
  if (error.code === "EADDRINUSE") return trimaranError("PORT_IN_USE", { host, port }, { cause: error });
  const problems: Readonly<Record<string, string>> = {
    EACCES: "this user may not",
    EADDRNOTAVAIL: "this machine does not have that address",
    ENOTFOUND: "there is no host of that name",
    EAI_AGAIN: "the host's name cannot be looked up",
  };
  const problem = problems[error.code ?? ""] ?? error.code ?? "the system refuses";
  return trimaranError("PORT_NOT_ALLOWED", { host, port, problem }, { cause: error });
}

/** An address for all interfaces is shown as loopback. */
export function urlOf({ host, tls }: Pick<ResolvedWebOptions, "host" | "tls">, port: number): string {
  const shown = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${tls === undefined ? "http" : "https"}://${shown.includes(":") ? `[${shown}]` : shown}:${port}`;
}
