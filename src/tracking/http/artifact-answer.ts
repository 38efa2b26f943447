// A file of the artifacts as an answer: whole, a part of it (Range), or "you have it already" (If-None-Match).
import type { BlobInfo } from "../../io/blobs/blob-store.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import type { ArtifactPlace } from "../artifacts/artifact-location.ts";
import { mediaTypeOf } from "../artifacts/media-type.ts";
import { type HttpAnswer, type HttpRequest, securityHeaders } from "./exchange.ts";

/** @throws WireError RESOURCE_DOES_NOT_EXIST, which clients expect where MLflow's own server used to fail */
export async function artifactAnswer(
  request: Pick<HttpRequest, "method" | "header">,
  { store, segments }: ArtifactPlace,
): Promise<HttpAnswer> {
  const wanted = request.header("range");
  const known = request.header("if-none-match");
  const isHead = request.method === "HEAD";
  if (segments.length === 0) throw missing(segments);
  if (!isHead && wanted === undefined && known === undefined) {
    const file = await store.open(segments);
    if (file === null) throw missing(segments);
    return {
      status: 200,
      headers: { ...headersOf(segments, file), "content-length": String(file.bytes) },
      body: file.body,
    };
  }
  const info = await store.stat(segments);
  if (info === null) throw missing(segments);
  const headers = headersOf(segments, info);
  if (known !== undefined && isKnown(known, info.etag)) return { status: 304, headers, body: "" };
  const range = wanted === undefined || !isSame(request.header("if-range"), info) ? null : rangeOf(wanted, info.bytes);
  if (range === "none") {
    return { status: 416, headers: { ...securityHeaders, "content-range": `bytes */${info.bytes}` }, body: "" };
  }
  const { from, to } = range ?? { from: 0, to: info.bytes - 1 };
  const told = {
    ...headers,
    "content-length": String(to - from + 1),
    ...(range === null ? {} : { "content-range": `bytes ${from}-${to}/${info.bytes}` }),
  };
  const status = range === null ? 200 : 206;
  if (isHead) return { status, headers: told, body: nothing() };
  const part = range === null ? { from: 0 } : { from, to };
  const file = await store.open(segments, { ...part, etag: info.etag });
  if (file === null) throw missing(segments);
  return { status, headers: told, body: file.body };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function headersOf(segments: readonly string[], { etag, modified }: BlobInfo): Record<string, string> {
  const name = segments.at(-1) ?? "";
  const plain = name.replace(/[^\x20-\x7e]|["\\]/g, "_");
  return {
    ...securityHeaders,
    "content-type": mediaTypeOf(name),
    "content-disposition": `attachment; filename="${plain}"; filename*=UTF-8''${escaped(name)}`,
    "content-security-policy": "sandbox; default-src 'none'",
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
    etag,
    ...(modified === null ? {} : { "last-modified": modified.toUTCString() }),
  };
}

function escaped(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
}

function isKnown(known: string, etag: string): boolean {
  return known.trim() === "*" || known.split(",").some((each) => each.trim().replace(/^W\//, "") === etag);
}

/** A part is only given of what the client has the rest of. */
function isSame(condition: string | undefined, { etag, modified }: BlobInfo): boolean {
  if (condition === undefined) return true;
  if (condition.startsWith('"')) return condition === etag;
  return modified !== null && Date.parse(condition) === Math.floor(modified.getTime() / 1000) * 1000;
}

/** One range of bytes; null where it is none, or there are several, which are answered with the whole. */
function rangeOf(header: string, bytes: number): { readonly from: number; readonly to: number } | "none" | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim()) ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return null;
  if (first === "")
    return Number(last) === 0 || bytes === 0 ? "none" : { from: Math.max(0, bytes - Number(last)), to: bytes - 1 };
  const from = Number(first);
  const to = last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (last !== "" && Number(last) < from) return null;
  return from >= bytes ? "none" : { from, to };
}

function missing(segments: readonly string[]): WireError {
  const name = (segments.at(-1) ?? "").slice(0, 255);
  return new WireError("RESOURCE_DOES_NOT_EXIST", `There is no artifact '${name}' at this path.`);
}
