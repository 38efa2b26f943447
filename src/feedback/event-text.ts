// A prediction event as one line of JSON. What all events of a version share is written once; what is redacted is never written.
import { jsonValueText } from "../data/json-value-text.ts";
import { doubleText } from "../data/number-text.ts";
import type { EventRow, EventSource } from "./feedback-event.ts";

/** The part of the line that does not change: from `door` to `role`. */
export function sourceText({ door, deployment, definition_digest, models, role }: EventSource): string {
  const named = models.map(({ name, uri, version, digest }) => ({ name, uri: withoutSecrets(uri), version, digest }));
  return jsonValueText({ door, deployment, definition_digest, models: named, role }).slice(1, -1);
}

/** `redacted`: names of members that are left out wherever they stand. The line ends with a line feed. */
export function eventText(row: EventRow, source: string, redacted: ReadonlySet<string>): string {
  const text = redacted.size === 0 ? jsonValueText : (value: unknown): string => redactedText(value, redacted);
  const { id, key, time, extra, raw, warnings, latencyMs } = row;
  let line = `{"id":${JSON.stringify(id)}`;
  if (key !== undefined) line += `,"key":${JSON.stringify(key)}`;
  line += `,"time":${jsonValueText(time)},${source},"input":${text(row.input)},"features":${text(row.features)}`;
  if (extra !== undefined) line += `,"extra":${text(extra)}`;
  if (raw !== undefined) line += `,"raw":${text(raw)}`;
  line += `,"output":${text(row.output)},"warnings":`;
  line += warnings.length === 0 ? "[]" : jsonValueText(warnings);
  return `${line},"latency_ms":${doubleText(Math.round(latencyMs * 1000) / 1000)}}\n`;
}

function redactedText(value: unknown, redacted: ReadonlySet<string>): string {
  if (Array.isArray(value)) return `[${value.map((item) => redactedText(item, redacted)).join(",")}]`;
  if (typeof value !== "object" || value === null || value instanceof Date) return jsonValueText(value);
  const members: string[] = [];
  // Read by name, so that a key such as `__proto__` is a member like any other.
  for (const name of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (redacted.has(name) || member === undefined) continue;
    members.push(`${JSON.stringify(name)}:${redactedText(member, redacted)}`);
  }
  return `{${members.join(",")}}`;
}

/** A URI may carry a user and a password, or a signature in its query. */
function withoutSecrets(uri: string): string {
  return uri.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#@]*@/i, "$1").replace(/^((?:https?|s3):[^?#]*)\?.*$/i, "$1");
}
