// A real `trimaran serve --grpc-port`, and a small gRPC client of our own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { fromJSON, type MethodDefinition } from "@grpc/proto-loader";
import { oipDescriptor, oipLoaderOptions } from "../../../../src/formats/oip/grpc-descriptor.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

export interface ServedGrpc extends AsyncDisposable {
  readonly port: number;
  readonly grpcPort: number;
  readonly pids: readonly number[];
  readonly ended: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  stderr(): string;
}

export async function serveGrpc(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServedGrpc> {
  const all = [`${root}bin/trimaran`, "serve", ...args, "--port", "0", "--grpc-port", "0", "--json"];
  const child = spawn(process.execPath, all, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = once(child, "close").then(([code]) => code as number | null);
  const line = once(createInterface({ input: child.stdout }), "line").then(([text]) => String(text));
  const first = await Promise.race([line, ended]);
  if (typeof first !== "string") throw new Error(`serve ended with ${first}: ${stderr}`);
  const { port, grpcPort, pids } = JSON.parse(first) as Pick<ServedGrpc, "port" | "grpcPort" | "pids">;
  return {
    port,
    grpcPort,
    pids,
    ended,
    signal: (name) => void child.kill(name),
    stderr: () => stderr,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
    },
  };
}

export interface Answered {
  readonly code: grpc.status;
  readonly details: string;
  // biome-ignore lint/suspicious/noExplicitAny: messages as proto-loader makes them
  readonly message: any;
  readonly metadata: grpc.Metadata | null;
}

export interface CallOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  readonly deadlineMs?: number;
}

export interface GrpcClient extends Disposable {
  call(method: string, message: object, options?: CallOptions): Promise<Answered>;
}

const definitions = fromJSON(oipDescriptor as Parameters<typeof fromJSON>[0], oipLoaderOptions);

export function grpcClient(port: number, service = "inference.GRPCInferenceService"): GrpcClient {
  const options = {
    "grpc.initial_reconnect_backoff_ms": 50,
    "grpc.min_reconnect_backoff_ms": 50,
    "grpc.enable_retries": 0,
  };
  const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
  const methods = definitions[service] as Readonly<Record<string, MethodDefinition<object, object>>>;
  return {
    call(name, message, { metadata = {}, deadlineMs = 20_000 } = {}) {
      const method = methods[name];
      if (method === undefined) throw new RangeError(name);
      const headers = new grpc.Metadata();
      for (const [key, value] of Object.entries(metadata)) headers.set(key, value);
      return new Promise((resolve) => {
        let initial: grpc.Metadata | null = null;
        const { path, requestSerialize, responseDeserialize } = method;
        const limit = { deadline: Date.now() + deadlineMs };
        const call = client.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          message,
          headers,
          limit,
          (error, answer) =>
            resolve({
              code: error?.code ?? grpc.status.OK,
              details: error?.details ?? "",
              message: answer,
              metadata: initial,
            }),
        );
        call.on("metadata", (received: grpc.Metadata) => {
          initial = received;
        });
      });
    },
    [Symbol.dispose]: () => client.close(),
  };
}

/** The worked example's ride, as tensors with contents. */
export function rideRequest(trip: number = 40): object {
  const tensor = (name: string, datatype: string, contents: object): object => ({
    name,
    datatype,
    shape: [1],
    contents,
  });
  return {
    model_name: "ride-duration",
    id: "a",
    inputs: [
      tensor("PULocationID", "INT64", { int64_contents: [10] }),
      tensor("DOLocationID", "INT64", { int64_contents: [50] }),
      tensor("trip_distance", "FP64", { fp64_contents: [trip] }),
    ],
  };
}
