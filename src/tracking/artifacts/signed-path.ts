// URLs to this server that carry their own permission: one thing, with one file, until a time. For clients that are told to go
// straight to the store (multipart uploads, presigned URLs) where the store is a folder and has nobody else who would answer.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ownFolder } from "../../io/blobs/local-blobs.ts";

export const signedPath = "/api/2.0/mlflow-artifacts/signed";

export interface SignedThing {
  readonly act: "read" | "write" | "part";
  readonly segments: readonly string[];
  /** Of a part. */
  readonly upload?: string;
  readonly number?: number;
}

export interface UrlSigning {
  /** Path and query. */
  sign(thing: SignedThing, seconds: number): string;
  /** Null: it was not signed so, or it has expired. */
  verify(act: string, segments: readonly string[], query: URLSearchParams): SignedThing | null;
}

/** All servers over one folder share the key, which lies there for the owner alone. */
export async function openSigning(folder: string, now: () => number = Date.now): Promise<UrlSigning> {
  const key = await sharedKey(join(folder, ownFolder));
  const signature = ({ act, segments, upload = "", number = 0 }: SignedThing, expires: number): string =>
    createHmac("sha256", key)
      .update(JSON.stringify([act, segments, upload, number, expires]))
      .digest("base64url");
  return {
    sign(thing, seconds) {
      const expires = Math.floor(now() / 1000) + seconds;
      const query = new URLSearchParams({ expires: String(expires) });
      if (thing.upload !== undefined) query.set("upload", thing.upload);
      if (thing.number !== undefined) query.set("number", String(thing.number));
      query.set("signature", signature(thing, expires));
      return `${signedPath}/${thing.act}/${thing.segments.map(encodeURIComponent).join("/")}?${query}`;
    },
    verify(act, segments, query) {
      if (act !== "read" && act !== "write" && act !== "part") return null;
      const expires = Number(query.get("expires") ?? "");
      const upload = query.get("upload");
      const number = query.get("number");
      const thing: SignedThing = {
        act,
        segments,
        ...(upload === null ? {} : { upload }),
        ...(number === null ? {} : { number: Number(number) }),
      };
      const given = Buffer.from(query.get("signature") ?? "");
      const wanted = Buffer.from(signature(thing, expires));
      const isSame = given.length === wanted.length && timingSafeEqual(given, wanted);
      return isSame && expires * 1000 > now() ? thing : null;
    },
  };
}

async function sharedKey(folder: string): Promise<Buffer> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "signing.key");
  for (let tries = 0; ; tries++) {
    const known = await readFile(path).catch(() => null);
    if (known !== null && known.length === 32) return known;
    try {
      const handle = await open(path, "wx", 0o600);
      try {
        await handle.writeFile(randomBytes(32));
      } finally {
        await handle.close();
      }
    } catch (error) {
      // Another process makes it right now.
      if (tries >= 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
