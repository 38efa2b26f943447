// Where a client may put an experiment's artifacts. A server that took any location would read and write files anywhere.
import { isTrimaranError } from "../../base/errors.ts";
import { checkedLocation, schemeOf } from "../../mlflow/uri.ts";
import { maxArtifactLocationChars } from "../../mlflow/wire/limits.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";

/** Undefined: the server's own place. @throws WireError */
export function checkedExperimentLocation(
  location: string | undefined,
  allowed: readonly string[],
): string | undefined {
  if (location === undefined || location === "") return undefined;
  if (location.length > maxArtifactLocationChars) {
    throw invalidParameter(`'artifact_location' exceeds the maximum length of ${maxArtifactLocationChars} characters.`);
  }
  assertPlain(location);
  const scheme = schemeOf(location);
  const isOurs = scheme === "mlflow-artifacts" && /^mlflow-artifacts:\/(?!\/)[^\\]+$/.test(location);
  const isRemote = scheme === "s3" && /^s3:\/\/[\w.-]+(\/|$)/.test(location);
  const isAllowed = allowed.some(
    (prefix) => location === prefix || location.startsWith(`${prefix.replace(/\/$/, "")}/`),
  );
  if (!isOurs && !isRemote && !isAllowed) {
    throw invalidParameter(
      "Invalid artifact location: it must be 's3://bucket/path' or 'mlflow-artifacts:/path', or lie in a folder that the server's operator allowed.",
    );
  }
  return location;
}

/** No traversal, queries, fragments or parameters, however they are encoded. @throws WireError */
export function assertPlain(location: string): void {
  const hasSigns = /[?#;\\%]|\p{Cc}/u.test(location);
  const climbs = location.split("/").some((part) => part === ".." || part === ".");
  try {
    checkedLocation(location);
  } catch (error) {
    if (isTrimaranError(error)) throw invalidParameter("Invalid path");
    throw error;
  }
  if (hasSigns || climbs) throw invalidParameter("Invalid path");
}
