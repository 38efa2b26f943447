// Where artifacts lie, behind one port: what is in a folder, and the bytes of a file from a place on.

import { createReadStream } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { isTrimaranError, trimaranError } from "../../base/errors.ts";
import type { HttpTransport } from "../../mlflow/client/http-transport.ts";
import { MlflowClient } from "../../mlflow/client/mlflow-client.ts";
import { endpointTable } from "../../mlflow/endpoint-table.ts";

export interface ArtifactEntry {
  /** As the source tells it: not to be trusted. */
  readonly path: string;
  readonly isFolder: boolean;
  /** Null: not told. */
  readonly bytes: number | null;
  /** Changes when the file does; null: not told. */
  readonly tag: string | null;
}

export interface ArtifactBytes {
  /** Less than what was asked for when the source cannot begin in the middle. */
  readonly from: number;
  /** Of the whole file; null: not told. */
  readonly bytes: number | null;
  /** Changes when the file does; null: not told. */
  readonly tag: string | null;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Where to go on: only in the file that was begun, if its tag is known. */
export interface ArtifactResume {
  readonly from: number;
  readonly tag: string | null;
}

export interface ArtifactSource {
  /** For messages. */
  readonly name: string;
  /** `folder` is relative to the location, `""` itself. What is not there, or is a file, has no entries. */
  list(folder: string): Promise<readonly ArtifactEntry[]>;
  /** `path` `""` is the location itself, as a file. @throws ARTIFACT_MISSING, ARTIFACT_CHANGED, ARTIFACT_STORE, BLOB_*, TRACKING_* */
  open(path: string, resume: ArtifactResume): Promise<ArtifactBytes>;
}

/** Through the tracking server. `root` is the path below the server's artifact root. */
export function proxySource(transport: HttpTransport, root: string): ArtifactSource {
  const client = new MlflowClient({ transport });
  const name = `mlflow-artifacts:/${root}`;
  return {
    name,
    async list(folder) {
      try {
        const { files } = await client.call(endpointTable.listProxyArtifacts, { path: joined(root, folder) });
        return files.map(({ path = "", is_dir = false, file_size }) => ({
          path,
          isFolder: is_dir,
          bytes: is_dir ? null : (file_size ?? 0),
          tag: null,
        }));
      } catch (error) {
        if (isTrimaranError(error) && error.code === "TRACKING_MISSING") return [];
        throw error;
      }
    },
    open: (path, resume) => {
      const escaped = joined(root, path).split("/").map(encodeURIComponent).join("/");
      return openTarget(transport, {
        target: `/api/2.0/mlflow-artifacts/artifacts/${escaped}`,
        resume,
        name: joined(name, path),
      });
    },
  };
}

/** A file at a URL: it has no listing. */
export function urlSource(transport: HttpTransport, url: URL): ArtifactSource {
  const target = `${url.pathname}${url.search}`;
  const name = `${url.origin}${url.pathname}`;
  return { name, list: async () => [], open: (_, resume) => openTarget(transport, { target, resume, name }) };
}

interface Target {
  readonly target: string;
  readonly resume: ArtifactResume;
  readonly name: string;
}

async function openTarget(transport: HttpTransport, { target, resume, name }: Target): Promise<ArtifactBytes> {
  const { from } = resume;
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  if (from > 0 && resume.tag !== null) headers["if-range"] = resume.tag;
  const answer = await transport.send({ method: "GET", target, headers });
  if (answer.status === 404) throw trimaranError("ARTIFACT_MISSING", { location: name });
  if (answer.status === 401 || answer.status === 403) {
    throw trimaranError("TRACKING_DENIED", { server: transport.name, problem: `it answers ${answer.status}` });
  }
  const length = answer.header("content-length");
  const bytes = length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null;
  const etag = answer.header("etag");
  // A weak one would not tell that the bytes are the same.
  const tag = etag?.startsWith('"') === true ? etag : null;
  if (answer.status === 200) return { from: 0, bytes, tag, body: answer.body };
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.header("content-range") ?? "");
  if (answer.status === 206 && range !== null && Number(range[1]) === from) {
    if (resume.tag !== null && tag !== null && tag !== resume.tag)
      throw trimaranError("ARTIFACT_CHANGED", { location: name });
    return { from, bytes: Number(range[2]), tag, body: answer.body };
  }
  throw trimaranError("ARTIFACT_STORE", { location: name, problem: `it answers ${answer.status}` });
}

/** A folder or file of this machine. Links that lead out of it are not followed. */
export function localSource(path: string): ArtifactSource {
  const within = async (relative: string): Promise<string> => {
    const root = await realpath(path).catch(() => null);
    const real = root === null ? null : await realpath(join(root, relative)).catch(() => null);
    if (root === null || real === null) throw trimaranError("ARTIFACT_MISSING", { location: join(path, relative) });
    if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) {
      throw trimaranError("ARTIFACT_UNSAFE", { location: path, problem: "a link leads out of it" });
    }
    return real;
  };
  return {
    name: path,
    async list(folder) {
      const real = await within(folder).catch((error: unknown) => {
        if (isTrimaranError(error) && error.code === "ARTIFACT_MISSING") return null;
        throw error;
      });
      if (real === null || !(await stat(real)).isDirectory()) return [];
      const names = await readdir(real);
      const entries = names.map(async (each): Promise<ArtifactEntry> => {
        const info = await stat(await within(joined(folder, each)));
        return { path: each, isFolder: info.isDirectory(), bytes: info.size, tag: String(info.mtimeMs) };
      });
      return Promise.all(entries);
    },
    async open(relative, { from }) {
      const real = await within(relative);
      const info = await stat(real);
      if (!info.isFile()) throw trimaranError("ARTIFACT_MISSING", { location: join(path, relative) });
      return {
        from,
        bytes: info.size,
        tag: null,
        body: createReadStream(real, { start: from }) as AsyncIterable<Uint8Array>,
      };
    },
  };
}

export function joined(folder: string, name: string): string {
  return folder === "" ? name : name === "" ? folder : `${folder}/${name}`;
}
