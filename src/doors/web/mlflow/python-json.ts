// JSON as Python writes and reads it: with the bare words NaN, Infinity and -Infinity. MLflow's own clients send them, because
// `json.dumps` does, and its server takes them; no other dialect of ours does.
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import { readJson } from "../read-json.ts";

/**
 * NaN is read as null, which is a missing value too. A number that is too large for a double is an infinity, as in Python.
 * @throws SCORING_INPUT, REQUEST_TOO_DEEP
 */
export function readPythonJson(body: Buffer, maxDepth: number): unknown {
  const hasWords = body.includes("NaN") || body.includes("Infinity");
  try {
    return readJson(hasWords ? withoutWords(body) : body, maxDepth);
  } catch (cause) {
    if (!isTrimaranError(cause)) throw cause;
    if (cause.code !== "REQUEST_NOT_JSON" && cause.code !== "REQUEST_DUPLICATE_KEY") throw cause;
    const problem = `Ensure that input is a valid JSON formatted string. Error: '${cause.message}'`;
    throw trimaranError("SCORING_INPUT", { problem }, { cause });
  }
}

const replacements = [
  { word: Buffer.from("-Infinity"), by: Buffer.from("-1e999") },
  { word: Buffer.from("Infinity"), by: Buffer.from("1e999") },
  { word: Buffer.from("NaN"), by: Buffer.from("null") },
] as const;

/** Only where a value may stand, so that no unsound text becomes sound. */
function withoutWords(body: Buffer): Buffer {
  // `NaN` grows by one byte of three, the others shrink.
  const out = Buffer.allocUnsafe(Math.ceil((body.length * 4) / 3));
  let written = 0;
  let copied = 0;
  let inside = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!;
    if (inside) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inside = false;
      continue;
    }
    if (byte === 0x22) inside = true;
    if (byte !== 0x2d && byte !== 0x49 && byte !== 0x4e) continue;
    const found = replacements.find(({ word }) => startsWith(body, { word, at }));
    if (found === undefined) continue;
    const end = at + found.word.length;
    if (!endsValue(body[at - 1], "[:, \n\r\t") || !endsValue(body[end], "]}, \n\r\t")) continue;
    written += body.copy(out, written, copied, at);
    written += found.by.copy(out, written);
    copied = end;
    at = end - 1;
  }
  written += body.copy(out, written, copied);
  return out.subarray(0, written);
}

function startsWith(body: Buffer, { word, at }: { readonly word: Buffer; readonly at: number }): boolean {
  const end = at + word.length;
  return end <= body.length && body.compare(word, 0, word.length, at, end) === 0;
}

function endsValue(byte: number | undefined, allowed: string): boolean {
  return byte === undefined || allowed.includes(String.fromCharCode(byte));
}
