// Artifacts in S3 or what speaks like it, by the AWS SDK, which is loaded when it is first needed. Credentials, region and
// endpoint are those of the standard variables and files.
import type { S3Client } from "@aws-sdk/client-s3";
import { trimaranError } from "../../base/errors.ts";
import { type ArtifactEntry, type ArtifactSource, joined } from "./artifact-source.ts";
import type { Environment } from "./tracking-settings.ts";

/** @throws MODEL_URI */
export async function s3Source(location: string, env: Environment): Promise<ArtifactSource> {
  const [, bucket = "", key = ""] = /^s3:\/\/([^/?#]+)\/*([^?#]*)$/i.exec(location) ?? [];
  if (bucket === "" || key === "") {
    throw trimaranError("MODEL_URI", { uri: location, problem: "it is `s3://bucket/key`" });
  }
  const root = key.replace(/\/+$/, "");
  const sdk = await import("@aws-sdk/client-s3");
  const client: S3Client = new sdk.S3Client(settingsOf(env));
  const name = `s3://${bucket}/${root}`;

  const asked = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (cause) {
      throw told(cause, name);
    }
  };

  return {
    name,
    async list(folder) {
      const prefix = `${joined(root, folder)}/`;
      const entries: ArtifactEntry[] = [];
      let token: string | undefined;
      do {
        const input = { Bucket: bucket, Prefix: prefix, Delimiter: "/", ContinuationToken: token };
        const page = await asked(() => client.send(new sdk.ListObjectsV2Command(input)));
        for (const { Prefix } of page.CommonPrefixes ?? []) {
          entries.push({ path: (Prefix ?? "").slice(prefix.length, -1), isFolder: true, bytes: null, tag: null });
        }
        for (const { Key = "", Size, ETag } of page.Contents ?? []) {
          // An empty object with the folder's name stands for the folder.
          if (Key !== prefix)
            entries.push({ path: Key.slice(prefix.length), isFolder: false, bytes: Size ?? null, tag: ETag ?? null });
        }
        token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
      } while (token !== undefined);
      return entries;
    },
    async open(path, from) {
      const Range = from > 0 ? `bytes=${from}-` : undefined;
      const input = { Bucket: bucket, Key: joined(root, path), Range };
      const { Body, ContentLength } = await asked(() => client.send(new sdk.GetObjectCommand(input)));
      if (Body === undefined) throw trimaranError("ARTIFACT_STORE", { location: name, problem: "it answers nothing" });
      const bytes = ContentLength === undefined ? null : from + ContentLength;
      return { from, bytes, body: whole(Body as AsyncIterable<Uint8Array>, name) };
    },
  };
}

/** What breaks in the middle can be resumed. */
async function* whole(body: AsyncIterable<Uint8Array>, location: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch {
    throw trimaranError("ARTIFACT_CUT", { location, problem: "the connection broke" });
  }
}

function settingsOf(env: Environment): Record<string, unknown> {
  const endpoint = env["MLFLOW_S3_ENDPOINT_URL"] || env["AWS_ENDPOINT_URL_S3"] || env["AWS_ENDPOINT_URL"];
  const accessKeyId = env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"];
  const sessionToken = env["AWS_SESSION_TOKEN"];
  return {
    region: env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || "us-east-1",
    // Servers beside AWS have no names for their buckets.
    ...(endpoint ? { endpoint, forcePathStyle: true } : {}),
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey, sessionToken } } : {}),
  };
}

/** The names of faults only: messages of the SDK may hold keys. */
function told(cause: unknown, location: string): Error {
  const fault = cause instanceof Error ? cause.name : "unknown fault";
  if (fault === "NoSuchKey" || fault === "NotFound") return trimaranError("ARTIFACT_MISSING", { location });
  return trimaranError("ARTIFACT_STORE", { location, problem: /^\w{1,60}$/.test(fault) ? fault : "it failed" });
}
