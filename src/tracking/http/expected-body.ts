// What a client announces of the file that it sends: its length, and its digest if it tells one.
import type { BlobWrite } from "../../io/blobs/blob-store.ts";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import type { HttpRequest } from "./exchange.ts";

/** `Content-MD5`, and `Content-Digest` or `Repr-Digest` (RFC 9530) with sha-256. @throws WireError */
export function expectedBody({ header }: Pick<HttpRequest, "header">): BlobWrite {
  const length = header("content-length");
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw invalidParameter("Content-Length is no number.");
  const fields = `${header("content-digest") ?? ""},${header("repr-digest") ?? ""}`;
  const sha256 = /(?:^|[\s,])sha-256=:([A-Za-z0-9+/]+=*):/.exec(fields)?.[1];
  const md5 = header("content-md5");
  return {
    ...(length === undefined ? {} : { bytes: Number(length) }),
    ...(sha256 !== undefined
      ? { digest: { hash: "sha256" as const, value: bytesOf(sha256, 32) } }
      : md5 !== undefined
        ? { digest: { hash: "md5" as const, value: bytesOf(md5, 16) } }
        : {}),
  };
}

function bytesOf(text: string, length: number): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== length) throw invalidParameter("The digest of the body is not one.");
  return bytes;
}
