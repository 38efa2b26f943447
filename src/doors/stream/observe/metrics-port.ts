// `--metrics-port`: GET /metrics, /health/live and /health/ready of a stream, on loopback unless told otherwise.
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { portError } from "../../../io/bound-socket.ts";
import type { MetricFamily } from "../../../io/metrics/metric-family.ts";
import { prometheusText, prometheusType } from "../../../io/metrics/prometheus-text.ts";
import { http } from "../../../io/plain-http.ts";

/** `starting`: the model or the first assignment is not there yet; `stopping`: drains. */
export type StreamPhase = "starting" | "ready" | "stopping" | "failed";

export interface MetricsPortOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly phase: () => StreamPhase;
  readonly families: () => readonly MetricFamily[];
}

export interface MetricsPort extends AsyncDisposable {
  readonly port: number;
}

/** @throws PORT_IN_USE, PORT_NOT_ALLOWED */
export async function openMetricsPort({ host, port, phase, families }: MetricsPortOptions): Promise<MetricsPort> {
  const server = http.createServer({ maxHeaderSize: 8192, requestTimeout: 5000 }, (request, response) => {
    const reply = (status: number, type: string, text: string): void => {
      response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) }).end(text);
    };
    const health = (isGood: boolean): void =>
      reply(isGood ? 200 : 503, "application/json", JSON.stringify({ status: phase() }));
    if (request.method !== "GET" && request.method !== "HEAD") return reply(405, "text/plain", "GET only\n");
    switch (request.url?.split("?")[0]) {
      case "/metrics":
        return reply(200, prometheusType, prometheusText(families()));
      case "/health/live":
        return health(phase() !== "failed");
      case "/health/ready":
        return health(phase() === "ready");
      default:
        return reply(404, "text/plain", "There are /metrics, /health/live and /health/ready.\n");
    }
  });
  await listening(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(portError(error.code ?? "", { host, port }, error)));
    server.listen(port, host, resolve);
  });
}
