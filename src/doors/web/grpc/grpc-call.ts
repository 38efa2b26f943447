// What every gRPC call needs: its key is checked, what it throws becomes a status, its answer is counted.

import type { IncomingHttpHeaders } from "node:http";
import type { Metadata, ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import { assertApiKey } from "../access.ts";
import type { Door } from "../door.ts";
import { grpcFailure } from "./grpc-status.ts";

/** As counted beside the HTTP dialects. */
export const grpcDialect = "grpc";

export type GrpcMessage = Readonly<Record<string, unknown>>;
export type UnaryCall = ServerUnaryCall<GrpcMessage, object>;
export type UnaryHandler = (call: UnaryCall, done: sendUnaryData<object>) => void;

/** The first value of a key, as text. */
export function metadataText(metadata: Metadata, key: string): string | undefined {
  const [value] = metadata.get(key);
  return value === undefined ? undefined : value.toString();
}

export function textField(message: GrpcMessage, name: string): string | undefined {
  const value = message[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The name of the key; null where none is asked for. @throws REQUEST_UNAUTHENTICATED */
export function assertKey({ options }: Door, metadata: Metadata): string | null {
  if (options.apiKeys.length === 0) return null;
  const headers: IncomingHttpHeaders = {
    authorization: metadataText(metadata, "authorization"),
    "x-api-key": metadataText(metadata, "x-api-key"),
  };
  return assertApiKey(options.apiKeys, headers).name;
}

export interface SimpleOptions {
  /** Probes need no key, and changes of the repository need the admin token. @default true */
  readonly needsKey?: boolean;
}

/** A call that asks no model: answered when `answer` is done, outside of the queue. */
export function simpleCall(
  door: Door,
  answer: (message: GrpcMessage, metadata: Metadata) => object | Promise<object>,
  { needsKey = true }: SimpleOptions = {},
): UnaryHandler {
  return (call, done) => {
    const run = async (): Promise<object> => {
      if (needsKey) assertKey(door, call.metadata);
      return answer(call.request, call.metadata);
    };
    run().then(
      (value) => {
        door.counters.countAnswer(door.counters.of("", grpcDialect), 200);
        done(null, value);
      },
      (error: unknown) => {
        const shown = door.show(error, door.nextId());
        door.counters.countAnswer(door.counters.of("", grpcDialect), shown.status);
        done(grpcFailure(shown, door.admission.retrySeconds));
      },
    );
  };
}
