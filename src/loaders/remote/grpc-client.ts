// The protocol over gRPC. The libraries are loaded when the first such model is opened.
import { trimaranError } from "../../base/errors.ts";
import { oipDescriptor, oipLoaderOptions } from "../../formats/oip/grpc-descriptor.ts";
import { inferRequestToMessage, inferResponseFromMessage } from "../../formats/oip/grpc-messages.ts";
import type { InferRequest, InferResponse } from "../../formats/oip/infer.ts";
import { type ModelMetadata, readModelMetadata } from "../../formats/oip/model-metadata.ts";
import {
  answerProblem,
  type RemoteClient,
  type ResolvedRemoteOptions,
  readingAnswer,
  TryAgain,
  withAttempts,
} from "./remote-client.ts";
import type { RemoteUri } from "./remote-uri.ts";

export async function grpcClient(uri: RemoteUri, options: ResolvedRemoteOptions): Promise<RemoteClient> {
  const grpc = await import("@grpc/grpc-js");
  const { fromJSON } = await import("@grpc/proto-loader");
  const { server, model, version } = uri;
  const service = fromJSON(oipDescriptor as Parameters<typeof fromJSON>[0], oipLoaderOptions)[
    "inference.GRPCInferenceService"
  ];
  const methods = service as Readonly<Record<string, import("@grpc/proto-loader").MethodDefinition<object, object>>>;
  const client = new grpc.Client(
    server,
    uri.secure ? grpc.credentials.createSsl() : grpc.credentials.createInsecure(),
    {
      "grpc.max_receive_message_length": options.maxAnswerBytes,
      "grpc.max_send_message_length": -1,
      // We repeat requests ourselves, within the request's own deadline.
      "grpc.enable_retries": 0,
      // After a refused connection grpc-js pauses for a second before it tries again; ours are shorter.
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.min_reconnect_backoff_ms": 100,
    },
  );
  const headers = new grpc.Metadata();
  if (options.token !== null) headers.set("authorization", `Bearer ${options.token}`);

  const unary = (name: string, message: object): Promise<object> =>
    withAttempts({
      server,
      options,
      send: (timeoutMs) =>
        new Promise<object | TryAgain>((resolve, reject) => {
          const method = methods[name];
          if (method === undefined) throw new RangeError(name);
          const deadline = Date.now() + timeoutMs;
          const { path, requestSerialize, responseDeserialize } = method;
          const done = (error: import("@grpc/grpc-js").ServiceError | null, answer?: object): void => {
            if (error === null) {
              resolve(answer ?? {});
              return;
            }
            const code = grpc.status[error.code] ?? String(error.code);
            if (error.code === grpc.status.UNAVAILABLE) resolve(new TryAgain(code, error));
            else reject(failure({ server, model, code, timeoutMs: options.timeoutMs }, error));
          };
          client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, headers, { deadline }, done);
        }),
    });

  return {
    server,
    async metadata(): Promise<ModelMetadata> {
      const answer = await unary("ModelMetadata", { name: model, version: version ?? "" });
      return readingAnswer(server, () => readModelMetadata(answer));
    },
    async infer(request: InferRequest): Promise<InferResponse> {
      const message = inferRequestToMessage({
        ...request,
        modelName: model,
        modelVersion: version ?? "",
        raw: true,
      });
      const answer = await unary("ModelInfer", message);
      return readingAnswer(server, () => inferResponseFromMessage(answer));
    },
    close: () => client.close(),
  };
}

/** What the server writes of it may hold cells of the rows, so that only its code is told. */
function failure(of: { server: string; model: string; code: string; timeoutMs: number }, cause: Error): Error {
  const { server, model, code, timeoutMs } = of;
  switch (code) {
    case "DEADLINE_EXCEEDED":
      return trimaranError("REMOTE_TIMEOUT", { server, timeoutMs }, { cause });
    case "NOT_FOUND":
      return trimaranError("REMOTE_MISSING", { server, model }, { cause });
    case "INVALID_ARGUMENT":
    case "FAILED_PRECONDITION":
    case "OUT_OF_RANGE":
      return trimaranError("REMOTE_REFUSED", { server, problem: code }, { cause });
    case "UNAUTHENTICATED":
    case "PERMISSION_DENIED":
      return answerProblem(server, `${code}: it asks for a token, which TRIMARAN_OIP_TOKEN would hold`, cause);
    default:
      return answerProblem(server, code, cause);
  }
}
