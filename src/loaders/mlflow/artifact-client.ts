// Files of a run's artifacts through the tracking server's proxy: written (in parts where the server can), listed and deleted.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import { HttpStreams } from "../../io/http-stream.ts";
import { readText, type StreamedBody } from "../../mlflow/client/http-transport.ts";
import { endpointTable } from "../../mlflow/endpoint-table.ts";
import { assertSafePath } from "../../mlflow/uri.ts";
import type { MessageOf } from "../../mlflow/wire/field-type.ts";
import { joined } from "./artifact-source.ts";
import { fileDigest } from "./download.ts";
import type { Tracking } from "./tracking.ts";

export interface PutOptions {
  /** Files of this size and more go in parts. @default 100 MiB */
  readonly partsFromBytes?: number;
  /** Of one part. @default 10 MiB */
  readonly partBytes?: number;
}

const defaultPartsFrom = 100 * 2 ** 20;
const defaultPartBytes = 10 * 2 ** 20;
const parallelParts = 4;
const firstWaitMs = 250;
const proxied = "/api/2.0/mlflow-artifacts";

/** `path` is below the server's artifact root: `1/RUN/artifacts/model/MLmodel`. @throws MODEL_URI, TRACKING_*, ARTIFACT_STORE, FILE_* */
export async function putArtifact(
  tracking: Tracking,
  { path, file }: { readonly path: string; readonly file: string },
  { partsFromBytes = defaultPartsFrom, partBytes = defaultPartBytes }: PutOptions = {},
): Promise<void> {
  assertSafePath(path, `mlflow-artifacts:/${path}`);
  const info = await stat(file).catch((cause: NodeJS.ErrnoException) => {
    throw trimaranError("FILE_NOT_FOUND", { path: file }, { cause });
  });
  if (info.size >= partsFromBytes && (await putInParts(tracking, { path, file, bytes: info.size, partBytes }))) return;
  const body = { bytes: info.size, open: () => createReadStream(file, { highWaterMark: 1 << 18 }) };
  await send(tracking, { method: "PUT", path, body, digest: await fileDigest(file) });
}

/** What is not there counts as deleted. @throws MODEL_URI, TRACKING_*, ARTIFACT_STORE */
export async function deleteArtifact(tracking: Tracking, path: string): Promise<void> {
  assertSafePath(path, `mlflow-artifacts:/${path}`);
  if (path.split("/").filter((part) => part !== "" && part !== ".").length < 2) {
    throw trimaranError("MODEL_URI", {
      uri: `mlflow-artifacts:/${path}`,
      problem: "it is a whole experiment, or everything",
    });
  }
  await send(tracking, { method: "DELETE", path });
}

interface Sent {
  readonly method: "PUT" | "DELETE";
  readonly path: string;
  readonly body?: StreamedBody;
  /** SHA-256 of the body, in hex: a server that checks it takes nothing else. */
  readonly digest?: string;
}

async function send({ transport }: Tracking, { method, path, body, digest = "" }: Sent): Promise<void> {
  const target = `${proxied}/artifacts/${path.split("/").map(encodeURIComponent).join("/")}`;
  const headers = {
    "content-type": "application/octet-stream",
    "content-digest": `sha-256=:${Buffer.from(digest, "hex").toString("base64")}:`,
  };
  const answer = await transport.send({
    method,
    target,
    body: body ?? null,
    headers: body === undefined ? {} : headers,
  });
  await readText(answer.body, 65_536);
  if (answer.status === 200 || answer.status === 204 || (method === "DELETE" && answer.status === 404)) return;
  const location = `mlflow-artifacts:/${path}`;
  if (answer.status === 507) throw trimaranError("BLOB_FULL", { location });
  if (answer.status === 409) throw trimaranError("BLOB_CONFLICT", { location });
  if (answer.status === 401 || answer.status === 403) {
    throw trimaranError("TRACKING_DENIED", { server: transport.name, problem: `it answers ${answer.status}` });
  }
  throw trimaranError("ARTIFACT_STORE", { location, problem: `it answers ${answer.status}` });
}

interface InParts {
  readonly path: string;
  readonly file: string;
  readonly bytes: number;
  readonly partBytes: number;
}

/** False: the server does not take parts. A part that fails gives the whole upload up. */
async function putInParts(tracking: Tracking, { path, file, bytes, partBytes }: InParts): Promise<boolean> {
  const { client } = tracking;
  const at = path.lastIndexOf("/");
  const place = { artifact_path: path.slice(0, Math.max(at, 0)), path: path.slice(at + 1) };
  if (place.artifact_path === "") return false;
  let upload: { readonly upload_id?: string; readonly credentials: readonly MessageOf<"MultipartUploadCredential">[] };
  try {
    const num_parts = Math.ceil(bytes / partBytes);
    upload = await client.call(endpointTable.createMultipartUpload, { ...place, num_parts });
  } catch (error) {
    const isOld = isTrimaranError(error) && /TRACKING_(UNSUPPORTED|UNREACHABLE|REFUSED)/.test(error.code);
    if (isOld) return false;
    throw error;
  }
  const { upload_id } = upload;
  const streams = new HttpStreams(tracking.settings.tls);
  const handle = await open(file);
  try {
    const queue = [...upload.credentials];
    const parts: { readonly part_number: number; readonly etag: string; readonly url: string }[] = [];
    const work = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const number = next.part_number ?? 0;
        const body = await readPart(handle, { number, partBytes, bytes });
        parts.push({ part_number: number, url: next.url ?? "", etag: await putPart(streams, { ...next, body, path }) });
      }
    };
    await Promise.all(Array.from({ length: parallelParts }, work));
    parts.sort((a, b) => a.part_number - b.part_number);
    await client.call(endpointTable.completeMultipartUpload, { ...place, upload_id, parts });
    return true;
  } catch (error) {
    await client.call(endpointTable.abortMultipartUpload, { ...place, upload_id }).catch(() => {});
    throw error;
  } finally {
    await handle.close();
    streams.close();
  }
}

async function readPart(
  handle: FileHandle,
  { number, partBytes, bytes }: { readonly number: number; readonly partBytes: number; readonly bytes: number },
): Promise<Uint8Array> {
  const from = (number - 1) * partBytes;
  const body = new Uint8Array(Math.max(0, Math.min(partBytes, bytes - from)));
  for (let at = 0; at < body.length; ) {
    const { bytesRead } = await handle.read(body, at, body.length - at, from + at);
    if (bytesRead === 0)
      throw trimaranError("FILE_NOT_READABLE", { path: "the artifact", problem: "it became shorter" });
    at += bytesRead;
  }
  return body;
}

interface Part {
  readonly url?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly path: string;
}

/** The URL is signed and belongs in no message; our credentials are not sent along. */
async function putPart(streams: HttpStreams, { url = "", headers, body, path }: Part): Promise<string> {
  const location = `mlflow-artifacts:/${joined(path, "")}`;
  if (!URL.canParse(url)) throw trimaranError("ARTIFACT_STORE", { location, problem: "it names no URL for a part" });
  // The store checks it, though it is not part of what was signed.
  const digest = { "content-md5": createHash("md5").update(body).digest("base64") };
  for (let tries = 0; ; tries++) {
    if (tries > 0) await wait(firstWaitMs * 2 ** tries * (1 + Math.random() / 2));
    const sent = { ...headers, ...digest };
    const answer = await streams.open({ url: new URL(url), method: "PUT", headers: sent, body, idleMs: 120_000 });
    if (answer.kind === "answer") {
      await readText(answer.body, 65_536).catch(() => null);
      const etag = answer.header("etag");
      if (answer.status === 200 && etag !== null) return etag;
      if (answer.status < 500 || tries >= 3) {
        throw trimaranError("ARTIFACT_STORE", { location, problem: `a part was answered with ${answer.status}` });
      }
    } else if (tries >= 3) throw trimaranError("ARTIFACT_STORE", { location, problem: answer.problem });
  }
}
