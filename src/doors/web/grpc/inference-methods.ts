// The calls of the service that ask no model: health, metadata, repository, statistics.
import type { Metadata, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Door } from "../door.ts";
import { assertMayChange, assertNoSettings, changeModel, repositoryIndex } from "../oip/repository.ts";
import { isModelReady, isServerReady, modelMetadata, serverFacts } from "../oip/server-facts.ts";
import { modelStatistics, statisticsObject } from "../oip/statistics.ts";
import { type GrpcMessage, metadataText, simpleCall, textField } from "./grpc-call.ts";

const open = { needsKey: false };

export function inferenceMethods(door: Door): UntypedServiceImplementation {
  return {
    ServerLive: simpleCall(door, () => ({ live: true }), open),
    ServerReady: simpleCall(door, () => ({ ready: isServerReady(door) }), open),
    ModelReady: simpleCall(door, (message) => {
      return { ready: isModelReady(door, textField(message, "name") ?? "", textField(message, "version")) };
    }),
    ServerMetadata: simpleCall(door, () => serverFacts()),
    ModelMetadata: simpleCall(door, (message) =>
      modelMetadata(door, door.service(textField(message, "name") ?? "", textField(message, "version"))),
    ),
    ModelStatistics: simpleCall(door, async (message) => {
      const statistics = await modelStatistics(door, textField(message, "name"), textField(message, "version"));
      return { model_stats: statistics.map(statisticsObject) };
    }),
    ...repositoryMethods(door),
  };
}

export function repositoryMethods(door: Door): UntypedServiceImplementation {
  return {
    RepositoryIndex: simpleCall(door, (message) => ({
      models: repositoryIndex(door, { ready: message["ready"] === true }).map(({ name, version, state, reason }) => ({
        name,
        version,
        state,
        reason,
      })),
    })),
    RepositoryModelLoad: simpleCall(
      door,
      (message, metadata) => change(door, { message, metadata, what: "load" }),
      open,
    ),
    RepositoryModelUnload: simpleCall(
      door,
      (message, metadata) => change(door, { message, metadata, what: "unload" }),
      open,
    ),
  };
}

interface Change {
  readonly message: GrpcMessage;
  readonly metadata: Metadata;
  readonly what: "load" | "unload";
}

async function change(door: Door, { message, metadata, what }: Change): Promise<object> {
  assertMayChange(door, metadataText(metadata, "authorization"));
  assertNoSettings(Object.keys((message["parameters"] as object | null | undefined) ?? {}));
  await changeModel(door, textField(message, "model_name") ?? "", what);
  return {};
}
