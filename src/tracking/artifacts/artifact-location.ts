// From a location in the store to a place among the artifacts that this server serves.
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { artifactSegments } from "./artifact-path.ts";

/** @throws WireError when it lies elsewhere, or the path is not sound */
export function servedSegments(location: string, path: string): readonly string[] {
  const match = /^mlflow-artifacts:(?:\/\/[^/]*)?\/+(.*)$/.exec(location);
  if (match === null) {
    throw new WireError(
      "INVALID_PARAMETER_VALUE",
      "The artifacts do not lie with this server: read them from their own location.",
    );
  }
  return [...artifactSegments((match[1] ?? "").replace(/\/+$/, "")), ...artifactSegments(path)];
}
