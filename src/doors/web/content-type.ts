// Which of the two bodies that `/predict` takes a request holds.
import { trimaranError } from "../../base/errors.ts";

export type BodyKind = "json" | "lines";

const kinds: ReadonlyMap<string, BodyKind> = new Map<string, BodyKind>([
  ["application/json", "json"],
  ["text/json", "json"],
  ["application/x-ndjson", "lines"],
  ["application/ndjson", "lines"],
  ["application/jsonl", "lines"],
  ["application/x-jsonlines", "lines"],
]);

/**
 * A body without a type is taken for JSON: whether it is, the parser says.
 * @throws REQUEST_MEDIA_TYPE
 */
export function bodyKind(contentType: string | undefined): BodyKind {
  if (contentType === undefined || contentType === "application/json") return "json";
  const [name = "", ...parameters] = contentType.toLowerCase().split(";");
  const type = name.trim();
  const kind = kinds.get(type) ?? (/^application\/[a-z0-9!#$&^_.+-]+\+json$/.test(type) ? "json" : undefined);
  if (kind === undefined || !parameters.every(isUtf8Parameter)) {
    throw trimaranError("REQUEST_MEDIA_TYPE", { type: contentType });
  }
  return kind;
}

/** Any parameter but a `charset` that is not UTF-8. */
function isUtf8Parameter(parameter: string): boolean {
  const [name = "", value = ""] = parameter.split("=");
  return name.trim() !== "charset" || /^\s*"?(utf-?8|us-ascii)"?\s*$/.test(value);
}
