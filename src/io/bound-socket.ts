// A port that is taken and never accepted from: whoever holds it keeps the queue of connections, and hands the socket to
// processes that accept. When those die, what is queued waits for the next one.
//
// Only an accepting process calls listen(2); from then on the queue belongs to the socket, and that lives as long as its holder.
// Node has no public call that binds without listening: `net._createServerHandle` is what its own cluster module binds with.
import type { ChildProcess } from "node:child_process";
import net from "node:net";
import { getSystemErrorName } from "node:util";
import { type TrimaranError, trimaranError } from "../base/errors.ts";

/** Of `node:internal`: a socket as libuv holds it. `net.Server.listen` takes it, and `ChildProcess.send` passes it on. */
export interface SocketHandle {
  getsockname(into: { port?: number }): number;
  close(): void;
}

type CreateServerHandle = (
  address: string,
  port: number,
  family: 4 | 6,
  fd: number,
  flags: number,
) => SocketHandle | number;

export interface Address {
  /** A numeric address, or a name; `localhost` is both of its addresses, where the machine has them. */
  readonly host: string;
  /** 0 takes a free one, the same for all addresses. */
  readonly port: number;
}

export class BoundSocket {
  readonly port: number;
  readonly #handles: readonly SocketHandle[];

  constructor(port: number, handles: readonly SocketHandle[]) {
    this.port = port;
    this.#handles = handles;
  }

  /** How many sockets it is: one an address. */
  get count(): number {
    return this.#handles.length;
  }

  /** Gives a child all sockets, each with that message. */
  sendTo(child: ChildProcess, message: (index: number) => object): void {
    for (const [index, handle] of this.#handles.entries()) {
      // A child that is gone has an exit of its own to tell of.
      child.send(message(index), handle as unknown as net.Server, { keepOpen: true }, () => {});
    }
  }

  /** Lets go of it. It is free when the last process that accepts has let go too. */
  close(): void {
    for (const handle of this.#handles) handle.close();
  }
}

/** @throws PORT_IN_USE, PORT_NOT_ALLOWED */
export async function bindSocket({ host, port }: Address): Promise<BoundSocket> {
  const addresses = await addressesOf(host, port);
  // With several addresses a port that is free on the first may be taken on the second.
  for (let attempt = 1; ; attempt++) {
    const bound = bindAll(addresses, port);
    if (!("code" in bound)) return bound;
    if (port !== 0 || bound.code !== "EADDRINUSE" || attempt === 20) throw portError(bound.code, { host, port });
  }
}

function bindAll(addresses: readonly string[], port: number): BoundSocket | { readonly code: string } {
  const handles: SocketHandle[] = [];
  let taken = port;
  let missing = "";
  for (const address of addresses) {
    const handle = bindOne(address, taken);
    if (typeof handle === "string") {
      // `localhost` on a machine without IPv6.
      if (addresses.length > 1 && (handle === "EADDRNOTAVAIL" || handle === "EAFNOSUPPORT")) {
        missing = handle;
        continue;
      }
      for (const other of handles) other.close();
      return { code: handle };
    }
    handles.push(handle);
    taken = portOf(handle);
  }
  return handles.length === 0 ? { code: missing } : new BoundSocket(taken, handles);
}

/** The socket, or the name of the system's error. */
function bindOne(address: string, port: number): SocketHandle | string {
  const { _createServerHandle: create } = net as unknown as { readonly _createServerHandle: CreateServerHandle };
  const family = net.isIPv6(address) ? 6 : 4;
  const bound = create(address, port, family, -1, 0);
  if (typeof bound === "number") return getSystemErrorName(bound);
  // libuv keeps EADDRINUSE for listen(2); such a socket has no port yet.
  if (portOf(bound) !== 0) return bound;
  bound.close();
  return "EADDRINUSE";
}

/** 0 while it is not bound. */
function portOf(handle: SocketHandle): number {
  const name: { port?: number } = {};
  return handle.getsockname(name) === 0 ? (name.port ?? 0) : 0;
}

async function addressesOf(host: string, port: number): Promise<readonly string[]> {
  if (net.isIP(host) !== 0) return [host];
  if (host.toLowerCase() === "localhost") return ["127.0.0.1", "::1"];
  const { lookup } = await import("node:dns/promises");
  try {
    return [(await lookup(host)).address];
  } catch (error) {
    throw portError((error as NodeJS.ErrnoException).code ?? "", { host, port }, error);
  }
}

/** What the system's refusal to open a port is in our words. */
export function portError(code: string, { host, port }: Address, cause?: unknown): TrimaranError {
  if (code === "EADDRINUSE") return trimaranError("PORT_IN_USE", { host, port }, { cause });
  const problems: Readonly<Record<string, string>> = {
    EACCES: "this user may not",
    EADDRNOTAVAIL: "this machine does not have that address",
    EAFNOSUPPORT: "this machine does not have that kind of address",
    ENOTFOUND: "there is no host of that name",
    EAI_AGAIN: "the host's name cannot be looked up",
  };
  const problem = problems[code] ?? (code === "" ? "the system refuses" : code);
  return trimaranError("PORT_NOT_ALLOWED", { host, port, problem }, { cause });
}
