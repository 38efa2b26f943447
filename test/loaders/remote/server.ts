// Servers that speak the protocol badly, as resources of tests: real sockets, each with one fault.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  Server as GrpcServer,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";
import { oipDescriptor, oipLoaderOptions } from "../../../src/formats/oip/grpc-descriptor.ts";

export interface HttpCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface HttpServerHere extends AsyncDisposable {
  readonly host: string;
  readonly calls: readonly HttpCall[];
  /** How many connections were opened. */
  readonly connections: () => number;
}

export async function httpServer(answer: (call: HttpCall, response: ServerResponse) => void): Promise<HttpServerHere> {
  const calls: HttpCall[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const call = {
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      calls.push(call);
      answer(call, response);
    });
  });
  server.on("connection", () => connections++);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    connections: () => connections,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

export interface GrpcServerHere extends AsyncDisposable {
  readonly host: string;
}

export async function grpcServer(methods: UntypedServiceImplementation): Promise<GrpcServerHere> {
  const definitions = fromJSON(oipDescriptor as Parameters<typeof fromJSON>[0], oipLoaderOptions);
  const server = new GrpcServer();
  server.addService(definitions["inference.GRPCInferenceService"] as unknown as ServiceDefinition, methods);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}
