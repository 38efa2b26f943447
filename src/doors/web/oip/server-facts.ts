// What the server and its models say of themselves, in the words of REST; gRPC says the same in its messages.

import type { ModelMetadata } from "../../../formats/oip/model-metadata.ts";
import { packageVersion } from "../../../loaders/cache-version.ts";
import { versionText } from "../../../serving/catalog.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import type { Door } from "../door.ts";
import { inputsOf, outputsOf, platform } from "./described-model.ts";

export interface ServerFacts {
  readonly name: string;
  readonly version: string;
  readonly extensions: readonly string[];
}

let facts: ServerFacts | undefined;

export function serverFacts(): ServerFacts {
  facts ??= {
    name: "trimaran",
    version: packageVersion(),
    extensions: ["model_repository", "model_repository(unload_dependents)", "binary_tensor_data", "statistics"],
  };
  return facts;
}

export function isServerReady(door: Door): boolean {
  return door.phase === "ready" && door.catalog.ready;
}

/** @throws REQUEST_NO_SERVICE, REQUEST_NO_VERSION; false while it is known and does not answer */
export function isModelReady(door: Door, name: string, version?: string): boolean {
  if (door.catalog.find(name, version) !== undefined) return door.phase === "ready";
  if (door.catalog.names.includes(name) && door.catalog.find(name) === undefined) return false;
  // Throws what it is.
  door.service(name, version);
  return false;
}

export async function modelMetadata(door: Door, service: PredictionService): Promise<ModelMetadata> {
  const { name } = service;
  const versions = door.catalog.versions(name);
  return {
    name,
    versions: versions.length === 0 ? [versionText(service)] : versions,
    platform,
    inputs: inputsOf(service),
    outputs: await outputsOf(service),
  };
}
