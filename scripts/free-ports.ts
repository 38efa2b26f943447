// Ports for servers that take a number and not 0: real peers of tests and benchmarks.
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the range that systems choose from for port 0 and for outgoing connections (32,768 on Linux, 49,152 elsewhere):
 * a port of that range may be somebody else's before the server that it is meant for has started.
 */
const range = [12_000, 32_000] as const;

/** Different ones, that nobody listens on at any address. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(...range);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "0.0.0.0");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
