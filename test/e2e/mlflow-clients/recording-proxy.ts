// Stands between a client and the server, and notes which endpoints were asked and answered well.
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { endpointTable } from "../../../src/mlflow/endpoint-table.ts";
import { Router } from "../../../src/tracking/http/router.ts";

export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  /** Names of endpoints that were answered with 200. */
  readonly called: ReadonlySet<string>;
}

export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const router = new Router<string>();
  for (const endpoint of Object.values(endpointTable)) router.add(endpoint, endpoint.name);
  const called = new Set<string>();
  // As long as the server's own: clients that try once fail when they ask over a connection that is being closed.
  const server = createServer({ keepAliveTimeout: 75_000 }, (incoming, outgoing) => {
    const { method = "GET", url = "/", headers } = incoming;
    const sent = request(new URL(url, target), { method, headers }, (answer) => {
      const status = answer.statusCode ?? 502;
      const found = router.find(method, url.split("?", 1)[0] ?? "");
      if (status === 200 && found.kind === "found") called.add(found.route);
      outgoing.writeHead(status, answer.headers);
      answer.pipe(outgoing);
    });
    sent.on("error", () => outgoing.destroy());
    incoming.pipe(sent);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    called,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise<void>((closed) => server.close(() => closed()));
    },
  };
}
