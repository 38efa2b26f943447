// What is wrong with a definition's `stream` section, before any message comes.
import { type Issue, isTrimaranError } from "../../../base/errors.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import { openMessageShape } from "./open-message-shape.ts";

/** Where the schema registry is, and its secrets, may be said elsewhere. */
const saidElsewhere: ReadonlySet<string> = new Set(["SCHEMA_REGISTRY_MISSING", "SCHEMA_REGISTRY_SECRET"]);

export function checkMessageShape(
  service: Pick<PredictionService, "name" | "deployment" | "methods">,
): readonly Issue[] {
  if (service.deployment?.stream == null) return [];
  try {
    openMessageShape(service);
    return [];
  } catch (error) {
    if (!isTrimaranError(error)) throw error;
    if (error.issues.length > 0) return error.issues;
    if (saidElsewhere.has(error.code)) return [];
    const path = error.code === "STREAM_FORMAT" ? "/stream/format" : "/stream/schemaRegistry";
    return [{ path, code: "invalid_option", message: error.message }];
  }
}
