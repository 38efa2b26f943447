// A connection of an HTTP/1.1 server between two requests: whether it is, and how another process goes on with it.
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** What Node's HTTP server keeps of a connection, undocumented: where a version has it no longer, none is known to be between requests. */
interface ServedSocket {
  /** The answer that is being written. */
  readonly _httpMessage?: object | null;
  readonly server?: object;
}

/** The parsers of a server; an idle one has seen the end of a request and nothing after it. It is what `closeIdleConnections` closes. */
interface Parsers {
  readonly idle?: () => readonly { readonly socket: Socket }[];
}

/**
 * Everything that has come was answered, and the answers have left. What is encrypted cannot be told, nor go elsewhere. Looks through
 * all connections of the server.
 */
export function isBetweenRequests(socket: Socket): boolean {
  if (socket.destroyed || socket instanceof TLSSocket || socket.writableLength > 0 || socket.readableLength > 0)
    return false;
  const { _httpMessage: answer, server } = socket as ServedSocket;
  if ((answer ?? null) !== null || server === undefined) return false;
  return (
    parsersOf(server)
      ?.idle?.()
      .some((parser) => parser.socket === socket) === true
  );
}

function parsersOf(server: object): Parsers | undefined {
  const key = Object.getOwnPropertySymbols(server).find(({ description }) => description === "http.server.connections");
  return key === undefined ? undefined : (server as Readonly<Record<symbol, Parsers>>)[key];
}

/**
 * Gives the connection to a server with its next request: until then the server would count the time since its start as that of a
 * request that does not come. @param idleMs when it is closed without one
 */
export function serveWhenAsked(socket: Socket, idleMs: number, serve: () => void): void {
  const fail = (): void => void socket.destroy();
  socket.setTimeout(idleMs, fail);
  socket.on("error", fail);
  socket.once("end", fail);
  socket.once("data", (chunk: Buffer) => {
    socket.setTimeout(0, fail);
    socket.removeListener("error", fail);
    socket.removeListener("end", fail);
    socket.unshift(chunk);
    serve();
  });
}
