// CloudEvents 1.0 on a stream (the JSON format and the Kafka binding of the specification):
//
//     structured   header `content-type: application/cloudevents+json`, the value is the event:
//                  {"specversion":"1.0","id":…,"source":…,"type":…,"subject"?,"time"?,"data"? or "data_base64"?, extensions}
//     binary       headers `ce_specversion`, `ce_id`, `ce_source`, `ce_type`, `ce_<attribute>`; the value is the data, and
//                  `content-type` is the data's
//
// An answer comes in the mode of its message. Its id is `<topic>/<partition>/<offset>`: an event that is answered twice is
// answered with the same id. `subject`, `time` and extensions are the message's.
import type { Issue } from "../../../base/errors.ts";
import { typeOfValue } from "../../../data/field-issue.ts";
import { parseMoment } from "../../../data/field-time.ts";
import { jsonPointer } from "../../../data/json-pointer.ts";
import { jsonValueText } from "../../../data/json-value-text.ts";
import type { StreamRecord } from "../port.ts";
import type { JsonDecoderOptions } from "./json-shape.ts";
import type { Layout } from "./layout.ts";
import { readMessageJson, refused } from "./read-message-json.ts";
import {
  type DecodedMessage,
  type EventAttribute,
  type EventContext,
  endOfYears,
  type MessageDecoder,
  type MessageEncoder,
  type RefusedMessage,
  timestampOf,
} from "./shape.ts";
import { type MessageValue, takeRow } from "./take-row.ts";

type Headers = StreamRecord["headers"];

const prefix = "ce_";
const structuredType = "application/cloudevents+json";
/** What says how this event's data is written, or names this very event: an answer has its own. */
const ownAttributes: ReadonlySet<string> = new Set([
  "specversion",
  "id",
  "source",
  "type",
  "datacontenttype",
  "dataschema",
]);
const required: readonly string[] = ["id", "source", "type"];

export function cloudEventDecoder(options: JsonDecoderOptions): MessageDecoder {
  const decodeData = (found: FoundEvent, record: StreamRecord): DecodedMessage => {
    const { attributes, mode, data } = found;
    const issues = attributeIssues(attributes);
    if (issues.length > 0) return { kind: "refused", issues: issues as [Issue, ...Issue[]] };
    const media = attributes["datacontenttype"];
    if (typeof media === "string" && !isJsonType(media)) {
      return refused("bad_content_type", "The event's data is not JSON.", "/datacontenttype");
    }
    let value: MessageValue;
    if (data instanceof Uint8Array) {
      const read = readMessageJson(data, options.limits);
      if (read.kind === "refused") return refused(read.issues[0].code, read.issues[0].message, "/data");
      value = read;
    } else {
      value = data;
    }
    const moment = typeof attributes["time"] === "string" ? parseMoment(attributes["time"]) : undefined;
    const kept = Object.entries(attributes).filter(([name]) => !ownAttributes.has(name));
    const event: EventContext = { mode, attributes: Object.fromEntries(kept) };
    const headers = record.headers.filter(([name]) => !isEventHeader(name));
    const time = moment?.getTime() ?? record.timestamp;
    return takeRow(value, options, { base: "/data", record, headers, time, event });
  };
  return {
    rowPath: `/data${options.layout.rowPath}`,
    decode(record) {
      const found = findEvent(record, options);
      return found.kind === "refused" ? found : decodeData(found, record);
    },
  };
}

interface FoundEvent {
  readonly kind: "event";
  readonly mode: EventContext["mode"];
  readonly attributes: Readonly<Record<string, EventAttribute>>;
  /** Bytes of JSON, or a value. */
  readonly data: Uint8Array | MessageValue;
}

type Found = FoundEvent | RefusedMessage;

function findEvent(record: StreamRecord, options: JsonDecoderOptions): Found {
  const type = contentType(record.headers);
  if (type !== undefined && /^application\/cloudevents/i.test(type)) {
    const media = mediaOf(type);
    if (media !== structuredType) {
      return refused("bad_content_type", `Events are read as ${structuredType}, one a message.`);
    }
    return structured(record, options);
  }
  if (record.headers.some(([name]) => name.toLowerCase() === "ce_specversion")) return binary(record, type);
  // A file or a pipe has no headers to say it, and Python's SDK gives a structured event the content type of its data.
  if (!record.headers.some(([name]) => name.toLowerCase().startsWith(prefix))) return structured(record, options);
  return refused("missing_field", "The message has no header ce_specversion.", "/specversion");
}

function binary(record: StreamRecord, type: string | undefined): Found {
  if (record.value === null || record.value.length === 0) return refused("empty", "The event has no data.", "/data");
  const attributes: Record<string, EventAttribute> = {};
  for (const [header, value] of record.headers) {
    const name = header.toLowerCase();
    if (!name.startsWith(prefix) || value === null) continue;
    const attribute = name.slice(prefix.length);
    if (!/^[a-z0-9]{1,64}$/.test(attribute)) {
      return refused("bad_format", "A header ce_… does not name an attribute: letters and digits.");
    }
    if (Object.hasOwn(attributes, attribute)) {
      return refused("duplicate_key", "The header came twice.", jsonPointer(attribute));
    }
    const text = utf8(value);
    if (text === undefined) return refused("bad_text", "The header is not UTF-8.", jsonPointer(attribute));
    attributes[attribute] = text;
  }
  if (type !== undefined) attributes["datacontenttype"] = type;
  return { kind: "event", mode: "binary", attributes, data: record.value };
}

function structured(record: StreamRecord, { limits }: JsonDecoderOptions): Found {
  if (record.value === null) return refused("empty", "The message has no value.");
  const read = readMessageJson(record.value, { ...limits, maxDepth: limits.maxDepth + 1 });
  if (read.kind === "refused") return read;
  const { value, text } = read;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return refused("wrong_type", `Must be an event, a JSON object; ${typeOfValue(value)} came.`);
  }
  const { data, data_base64: base64, ...context } = value as Readonly<Record<string, unknown>>;
  const attributes: Record<string, EventAttribute> = {};
  for (const [name, attribute] of Object.entries(context)) {
    if (attribute === null) continue;
    if (typeof attribute !== "string" && typeof attribute !== "boolean" && !Number.isInteger(attribute)) {
      const message = "An attribute of an event is a string, a whole number or true or false.";
      return refused("wrong_type", message, jsonPointer(name));
    }
    attributes[name] = attribute as EventAttribute;
  }
  if (data !== undefined && base64 !== undefined) {
    return refused("duplicate_key", "An event has `data` or `data_base64`, not both.", "/data_base64");
  }
  if (base64 !== undefined) {
    const bytes = typeof base64 === "string" ? fromBase64(base64) : undefined;
    if (bytes === undefined) return refused("bad_format", "Must be base64.", "/data_base64");
    return { kind: "event", mode: "structured", attributes, data: bytes };
  }
  if (data === undefined || data === null) return refused("empty", "The event has no data.", "/data");
  return { kind: "event", mode: "structured", attributes, data: { value: data, text, member: "data" } };
}

function attributeIssues(attributes: Readonly<Record<string, EventAttribute>>): Issue[] {
  const issues: Issue[] = [];
  const { specversion, time } = attributes;
  if (specversion !== "1.0") {
    const code = specversion === undefined ? "missing_field" : "not_allowed";
    issues.push({ path: "/specversion", code, message: 'Must be "1.0".' });
  }
  for (const name of required) {
    const value = attributes[name];
    if (typeof value === "string" && value !== "") continue;
    const code = value === undefined ? "missing_field" : "wrong_type";
    issues.push({ path: jsonPointer(name), code, message: "Must be a string that is not empty." });
  }
  if (time !== undefined && (typeof time !== "string" || parseMoment(time) === undefined)) {
    issues.push({ path: "/time", code: "bad_format", message: "Must be a time as RFC 3339 writes it." });
  }
  return issues;
}

export interface CloudEventEncoderOptions {
  readonly layout: Layout;
  /** The `type` of answers. */
  readonly type: string;
  /** The `source` of answers. */
  readonly source: string;
}

export function cloudEventEncoder({ layout, type, source }: CloudEventEncoderOptions): MessageEncoder {
  return {
    encode(output, { record, kept, time, headers: carried, event }, modelVersion) {
      // Of a message that was no event they would make one that is another.
      const headers = event === undefined ? carried.filter(([name]) => !isEventHeader(name)) : carried;
      const { key, topic, partition, offset } = record;
      const timestamp = timestampOf(record);
      const data = layout.text(output, kept, modelVersion);
      const context = {
        specversion: "1.0",
        id: `${topic}/${partition}/${offset}`,
        source,
        type,
        ...(event === undefined ? timeOf(time) : event.attributes),
        datacontenttype: "application/json",
      };
      if (event?.mode === "binary") {
        const { datacontenttype, ...others } = context;
        const attributes = Object.entries(others).map(([name, value]): Headers[number] => [
          prefix + name,
          Buffer.from(String(value)),
        ]);
        const all: Headers = [...headers, ["content-type", Buffer.from(datacontenttype)], ...attributes];
        return { key, value: Buffer.from(data), headers: all, timestamp };
      }
      const text = `${jsonValueText(context).slice(0, -1)},"data":${data}}`;
      const all: Headers = [...headers, ["content-type", Buffer.from(`${structuredType}; charset=UTF-8`)]];
      return { key, value: Buffer.from(text), headers: all, timestamp };
    },
  };
}

/** RFC 3339 has four digits for a year; a record may carry any number. */
function timeOf(ms: number): { readonly time?: string } {
  return ms >= 0 && ms < endOfYears ? { time: new Date(ms).toISOString() } : {};
}

function isEventHeader(header: string): boolean {
  const name = header.toLowerCase();
  return name === "content-type" || name.startsWith(prefix);
}

function contentType(headers: Headers): string | undefined {
  const value = headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
  return value == null ? undefined : utf8(value);
}

function mediaOf(type: string): string {
  return (type.split(";")[0] ?? "").trim().toLowerCase();
}

function isJsonType(type: string): boolean {
  const media = mediaOf(type);
  return media === "" || /^[^/]+\/([^/]+\+)?json$/.test(media);
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function fromBase64(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) return undefined;
  return Buffer.from(text, "base64");
}
