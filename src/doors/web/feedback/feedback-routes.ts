// `POST /feedback` and `/feedback/{name}`: what turned out to be true about earlier predictions. All of it is taken, or nothing.
import { type Issue, trimaranError } from "../../../base/errors.ts";
import type { TruthEvent } from "../../../feedback/feedback-event.ts";
import { readTruth } from "../../../feedback/truth-event.ts";
import { bodyKind } from "../content-type.ts";
import type { Door } from "../door.ts";
import { readJson } from "../read-json.ts";
import type { Route } from "../route.ts";
import { handleCall, type WebCall } from "../web-call.ts";

export const feedbackRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/feedback",
    about: "What turned out to be true about earlier predictions: {id or key, value}, an array of them, or NDJSON.",
    handle: (door, request, reply) => handleCall(door, { request, reply }, keep),
  },
  {
    method: "POST",
    path: "/feedback/{name}",
    about: "The same for one of several services.",
    handle: (door, request, reply) => handleCall(door, { request, reply }, keep),
  },
];

async function keep({ door, request, reply, flight, bytes }: WebCall): Promise<void> {
  const name = deploymentOf(door, (request.params as { readonly name?: string }).name);
  flight.service = name;
  const { truth } = door;
  if (truth === null) throw trimaranError("FEEDBACK_UNAVAILABLE", { problem: "this service keeps none" });
  const type = request.headers["content-type"];
  // A page of another origin can send a body without a type, and must not write here.
  if (type === undefined) throw trimaranError("REQUEST_MEDIA_TYPE", { type: "none" });
  const sent = bodyKind(type) === "lines" ? readLines(door, bytes) : readBody(door, bytes);
  flight.decoded = performance.now();
  flight.rows = sent.length;
  const { maxRows } = door.options;
  if (sent.length > maxRows) throw trimaranError("REQUEST_TOO_MANY_ROWS", { rows: sent.length, limit: maxRows });
  const events = readAll(sent);
  const isKept = await truth.write(name, events);
  flight.predicted = performance.now();
  if (flight.settled) return;
  if (!isKept) throw trimaranError("FEEDBACK_UNAVAILABLE", { problem: "it could not be written" });
  door.sendJson(reply, 202, { accepted: events.length });
}

/** Its model need not be loaded. @throws REQUEST_NO_SERVICE, SERVICE_NOT_READY */
function deploymentOf({ catalog, phase }: Door, name: string | undefined): string {
  const known = name === undefined ? catalog.names[0] : catalog.names.find((each) => each === name);
  if (known !== undefined) return known;
  if (phase === "loading" || phase === "failed") throw trimaranError("SERVICE_NOT_READY", { state: phase });
  throw trimaranError("REQUEST_NO_SERVICE", { name: name ?? "at all" });
}

interface Sent {
  readonly path: string;
  readonly value: unknown;
}

function readBody({ options }: Door, bytes: Buffer): readonly Sent[] {
  const value = readJson(bytes, options.maxDepth);
  return Array.isArray(value)
    ? value.map((each, index) => ({ path: `/${index}`, value: each }))
    : [{ path: "", value }];
}

/** Empty lines are passed over; the path of a line is its number, from 0. */
function readLines({ options }: Door, bytes: Buffer): readonly Sent[] {
  const sent: Sent[] = [];
  let number = 0;
  for (let start = 0; start < bytes.length; number++) {
    const at = bytes.indexOf(0x0a, start);
    const end = at < 0 ? bytes.length : at;
    const line = bytes.subarray(start, end);
    start = end + 1;
    if (line.every((byte) => byte <= 0x20)) continue;
    sent.push({ path: `/${number}`, value: readJson(line, options.maxDepth) });
    if (sent.length > options.maxRows) break;
  }
  return sent;
}

/** @throws REQUEST_INVALID with every issue */
function readAll(sent: readonly Sent[]): readonly TruthEvent[] {
  const now = new Date();
  const events: TruthEvent[] = [];
  const issues: Issue[] = [];
  for (const { path, value } of sent) {
    const read = readTruth(value, { path, now });
    if (isIssues(read)) issues.push(...read);
    else events.push(read);
  }
  const [first] = issues;
  if (first === undefined) return events;
  const text = `${first.path === "" ? "" : `${first.path}: `}${first.message}`;
  throw trimaranError("REQUEST_INVALID", { count: issues.length, first: text }, { issues });
}

function isIssues(read: TruthEvent | readonly Issue[]): read is readonly Issue[] {
  return Array.isArray(read);
}
