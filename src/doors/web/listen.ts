// Opening the port, and what may stand in the way.
import type { Server } from "node:http";
import { portError } from "../../io/bound-socket.ts";
import type { ResolvedWebOptions } from "./web-options.ts";

/** @throws PORT_IN_USE, PORT_NOT_ALLOWED */
export function listen(server: Server, { host, port }: ResolvedWebOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error.code ?? "", { host, port }, error)));
    server.listen({ host, port }, resolve);
  });
}
