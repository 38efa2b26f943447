// The two ways of asking a service: HTTP and gRPC, each once by an ordinary client, and under load by a generator.
import * as grpc from "@grpc/grpc-js";
import { fromJSON, type MethodDefinition } from "@grpc/proto-loader";
import { oipDescriptor, oipLoaderOptions } from "../../src/formats/oip/grpc-descriptor.ts";
import { ask, bodyOf, numberOf, pathOf } from "./contestants.ts";
import type { GrpcTask } from "./generator/grpc-load.ts";
import type { LoadTask } from "./generator/load.ts";
import { valuesOf } from "./peers.ts";
import type { Running } from "./processes.ts";

export interface Load {
  readonly rides: readonly string[];
  readonly answers: readonly string[] | null;
  readonly connections: number;
  readonly seconds: number;
}

export interface Way {
  /** The answer. @throws when the service refuses or is not there */
  readonly ask: (running: Running, ride: string) => Promise<string>;
  readonly numberOf: (running: Running, answer: string) => number;
  readonly task: (running: Running, load: Load) => LoadTask | GrpcTask;
}

export const http: Way = {
  ask,
  numberOf: ({ contestant }, answer) => numberOf(contestant, answer),
  task: ({ contestant, port }, { rides, ...load }) => ({
    ...load,
    ...{ port, path: pathOf(contestant) },
    bodies: rides.map((ride) => bodyOf(contestant, ride)),
  }),
};

/** A model over ready columns by the name that `model` gives it, on the second port; answers are messages in base64. */
export function grpcOf(model: (running: Running) => string): Way {
  return {
    ask: (running, ride) => call(running, messageOf(model(running), ride)),
    numberOf: (_, answer) => numberIn(answer),
    task: (running, { rides, ...load }) => ({
      ...load,
      ...{ port: grpcPort(running), method: infer.path },
      messages: rides.map((ride) => messageOf(model(running), ride).toString("base64")),
    }),
  };
}

const service = fromJSON(oipDescriptor as Parameters<typeof fromJSON>[0], oipLoaderOptions)[
  "inference.GRPCInferenceService"
] as Readonly<Record<string, MethodDefinition<object, object>>>;
const infer = service["ModelInfer"]!;

function messageOf(model: string, ride: string): Buffer {
  const contents = { fp64_contents: valuesOf(ride) };
  return infer.requestSerialize({
    model_name: model,
    id: "1",
    inputs: [{ name: "input-0", datatype: "FP64", shape: [1, 3], contents }],
  });
}

/** An ordinary client, which takes the messages as they are. */
function call(running: Running, message: Buffer): Promise<string> {
  const client = new grpc.Client(`127.0.0.1:${grpcPort(running)}`, grpc.credentials.createInsecure());
  const asIs = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + 5000;
    client.makeUnaryRequest(infer.path, asIs, asIs, message, new grpc.Metadata(), { deadline }, (error, answer) => {
      client.close();
      if (error === null) resolve(answer?.toString("base64") ?? "");
      else reject(new Error(`${running.contestant.name}: ${error.message}`));
    });
  });
}

function numberIn(answer: string): number {
  const { outputs, raw_output_contents: raw } = infer.responseDeserialize(Buffer.from(answer, "base64")) as {
    readonly outputs: readonly { readonly contents: { readonly fp64_contents: readonly number[] } | null }[];
    readonly raw_output_contents: readonly Buffer[];
  };
  return outputs[0]?.contents?.fp64_contents[0] ?? raw[0]?.readDoubleLE() ?? Number.NaN;
}

function grpcPort({ ports }: Running): number {
  return ports[1] ?? 0;
}
