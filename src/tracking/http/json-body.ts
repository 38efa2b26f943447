// A JSON body, read up to a limit and not nested deeper than we could handle.
import { setImmediate as turnOfOthers } from "node:timers/promises";
import type { EndpointName } from "../../mlflow/endpoint-table.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";

export const maxBodyBytes: number = 32 * 1024 * 1024;
const usualBodyBytes = 4 * 1024 * 1024;
/** What they are told may be large: profiles of data sets, records, models, spans. */
const largeBodies: ReadonlySet<string> = new Set<EndpointName>([
  "logBatch",
  "logInputs",
  "logModel",
  "createLoggedModel",
  "logLoggedModelParams",
  "setLoggedModelTags",
  "createDataset",
  "upsertDatasetRecords",
  "deleteDatasetRecords",
  "registerScorer",
  "startTrace",
  "startTraceV3",
  "endTrace",
  "createAssessment",
  "updateAssessment",
]);
export const maxBodyDepth = 64;

/** @throws WireError */
export async function readBody(endpoint: string, body: AsyncIterable<Uint8Array>): Promise<string> {
  const max = largeBodies.has(endpoint) ? maxBodyBytes : usualBodyBytes;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > max) throw invalidParameter(`The request's body is larger than ${max} bytes.`);
    chunks.push(chunk);
  }
  const text = decoded(Buffer.concat(chunks));
  await assertDepth(text);
  return text;
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new WireError("BAD_REQUEST", "The request's body is not UTF-8.");
  }
}

/** A few milliseconds; then whatever else waits has its turn. */
const charactersAtOnce = 1 << 20;

async function assertDepth(text: string): Promise<void> {
  let depth = 0;
  let end = charactersAtOnce;
  let isText = false;
  for (let at = 0; at < text.length; at++) {
    if (at >= end) {
      end = at + charactersAtOnce;
      await turnOfOthers();
    }
    const code = text.charCodeAt(at);
    if (isText) {
      if (code === 0x5c) at++;
      else if (code === 0x22) isText = false;
    } else if (code === 0x22) isText = true;
    else if (code === 0x5b || code === 0x7b) {
      if (++depth > maxBodyDepth)
        throw invalidParameter(`The request's body is nested deeper than ${maxBodyDepth} levels.`);
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
}
