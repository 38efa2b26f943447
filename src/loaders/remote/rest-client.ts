// The protocol over HTTP. Tensors travel as raw bytes where the server says that it takes them, else as JSON.
import { trimaranError } from "../../base/errors.ts";
import { binaryHeader, decodeInferResponse, encodeInferRequest } from "../../formats/oip/binary-body.ts";
import type { InferRequest, InferResponse } from "../../formats/oip/infer.ts";
import { fieldOf, objectOf, parseOipJson } from "../../formats/oip/json-body.ts";
import { type ModelMetadata, readModelMetadata } from "../../formats/oip/model-metadata.ts";
import { type HttpAnswer, sendHttp } from "../../io/http-client.ts";
import {
  answerProblem,
  type RemoteClient,
  type ResolvedRemoteOptions,
  readingAnswer,
  TryAgain,
  withAttempts,
} from "./remote-client.ts";
import type { RemoteUri } from "./remote-uri.ts";

export function restClient(uri: RemoteUri, options: ResolvedRemoteOptions): RemoteClient {
  const { server } = uri;
  const root = `${uri.secure ? "https" : "http"}://${server}${uri.prefix}/v2`;
  const version = uri.version === null ? "" : `/versions/${encodeURIComponent(uri.version)}`;
  const model = `${root}/models/${encodeURIComponent(uri.model)}${version}`;
  const headers: Record<string, string> = { accept: "application/json, application/octet-stream" };
  if (options.token !== null) headers["authorization"] = `Bearer ${options.token}`;
  let binary = false;

  const exchange = (url: string, body: Uint8Array | null, extra: Readonly<Record<string, string>> = {}) =>
    withAttempts({
      server,
      options,
      async send(timeoutMs): Promise<HttpAnswer | TryAgain> {
        const answer = await sendHttp({
          url: new URL(url),
          method: body === null ? "GET" : "POST",
          headers: { ...headers, ...extra },
          ...(body === null ? {} : { body }),
          timeoutMs,
          maxBytes: options.maxAnswerBytes,
        });
        switch (answer.kind) {
          case "answer":
            return busyStatus.includes(answer.status) ? new TryAgain(`status ${answer.status}`) : answer;
          case "unreachable":
            return new TryAgain(answer.problem, answer.cause);
          case "timeout":
            throw trimaranError("REMOTE_TIMEOUT", { server, timeoutMs: options.timeoutMs }, { cause: answer.cause });
          default:
            throw answerProblem(server, answer.problem, answer.cause);
        }
      },
    });

  return {
    server,
    async metadata(): Promise<ModelMetadata> {
      const about = await exchange(root, null);
      binary = about.status === 200 && extensionsOf(about).includes("binary_tensor_data");
      const answer = await exchange(model, null);
      if (answer.status !== 200) throw refusal(uri, answer.status);
      return readingAnswer(server, () => readModelMetadata(parseOipJson(textOf(answer.body))));
    },
    async infer(request: InferRequest): Promise<InferResponse> {
      const asked = binary ? { ...request, parameters: { ...request.parameters, binary_data_output: true } } : request;
      const { bytes, headerLength } = encodeInferRequest(asked, binary ? () => true : undefined);
      const extra: Record<string, string> = {
        "content-type": headerLength === null ? "application/json" : "application/octet-stream",
      };
      if (headerLength !== null) extra["inference-header-content-length"] = String(headerLength);
      const answer = await exchange(`${model}/infer`, bytes, extra);
      if (answer.status !== 200) throw refusal(uri, answer.status);
      return readingAnswer(server, () =>
        decodeInferResponse({ bytes: answer.body, header: answer.headers.get(binaryHeader) }),
      );
    },
    close() {},
  };
}

/** Too many requests, and not now. */
const busyStatus: readonly number[] = [429, 503];

/** What the server writes of it may hold cells of the rows, so that only its status is told. */
function refusal({ server, model }: Pick<RemoteUri, "server" | "model">, status: number): Error {
  if (status === 401 || status === 403) {
    return answerProblem(server, `status ${status}: it asks for a token, which TRIMARAN_OIP_TOKEN would hold`);
  }
  if (status === 404) return trimaranError("REMOTE_MISSING", { server, model });
  if (status >= 400 && status < 500) return trimaranError("REMOTE_REFUSED", { server, problem: `status ${status}` });
  return answerProblem(server, `status ${status}`);
}

function extensionsOf(answer: HttpAnswer): readonly unknown[] {
  try {
    const extensions = fieldOf(objectOf(parseOipJson(textOf(answer.body)), "the metadata"), "extensions");
    return Array.isArray(extensions) ? extensions : [];
  } catch {
    // A server that says nothing about itself may still have the model.
    return [];
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
