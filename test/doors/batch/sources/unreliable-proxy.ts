// A proxy before a real server that answers 503 or cuts answers in the middle, as often as it is told.
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";

export interface UnreliableProxy extends AsyncDisposable {
  readonly url: string;
  /** Looks at each request: `pass`, `503`, or how many bytes of the answer's body come before it is cut. */
  fault: (asked: { readonly method: string; readonly url: string; readonly range: string | null }) => Fault;
  readonly asked: string[];
}

export type Fault = "pass" | "503" | { readonly cutAfter: number };

export async function unreliableProxy(target: string): Promise<UnreliableProxy> {
  const { port } = new URL(target);
  const proxy = { fault: (): Fault => "pass" } as Pick<UnreliableProxy, "fault">;
  const asked: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = "GET", url = "/", headers } = incoming;
    asked.push(`${method} ${url}`);
    const fault = proxy.fault({ method, url, range: headers.range ?? null });
    if (fault === "503") {
      incoming.resume();
      outgoing.writeHead(503, { "content-type": "application/xml" });
      outgoing.end("<Error><Code>SlowDown</Code></Error>");
      return;
    }
    const sent = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer: IncomingMessage) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      if (fault === "pass") return void answer.pipe(outgoing);
      let left = fault.cutAfter;
      answer.on("data", (piece: Buffer) => {
        outgoing.write(piece.subarray(0, left));
        left -= piece.length;
        if (left > 0) return;
        answer.destroy();
        setTimeout(() => outgoing.destroy(), 20);
      });
      answer.on("end", () => outgoing.end());
    });
    sent.on("error", () => outgoing.destroy());
    incoming.pipe(sent);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return Object.assign(proxy, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  });
}
