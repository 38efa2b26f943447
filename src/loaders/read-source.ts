// The bytes of a model: one file, or of a folder with an MLmodel the files that it names. Nothing else is read.
import { createHash } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import { isTrimaranError, trimaranError } from "../base/errors.ts";
import { exampleMembers, folderMembers, maxExampleBytes } from "../formats/read/folder-members.ts";
import type { ModelSource } from "../formats/read/model-source.ts";
import { readMLmodel } from "../mlflow/mlmodel.ts";
import {
  defaultMaxBytes,
  errnoOf,
  type FileDigest,
  fileError,
  localPath,
  readRegularFile,
  sha256,
} from "./local-file.ts";

export interface ReadSourceOptions {
  /** @default 2 GiB - 1, what one buffer safely holds */
  readonly maxBytes?: number;
}

export interface ReadSource {
  readonly source: ModelSource;
  /** `sha256:` and 64 hex digits: of the file, or over the names and digests of a folder's files. */
  readonly digest: string;
  readonly bytes: number;
}

/**
 * Reads the model at a local path or `file:` URI.
 * @throws FILE_NOT_FOUND, FILE_NOT_READABLE, FILE_NOT_REGULAR, FILE_TOO_LARGE, FORMAT_FOLDER, MLMODEL_INVALID, MODEL_URI
 */
export async function readSource(uri: string, options: ReadSourceOptions = {}): Promise<ReadSource> {
  const path = localPath(uri);
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const info = await stat(path).catch((cause: unknown) => {
    throw fileError(path, cause);
  });
  if (!info.isDirectory()) {
    const bytes = await readRegularFile(path, maxBytes);
    const source: ModelSource = { kind: "file", name: basename(path), bytes };
    return { source, digest: sha256(bytes), bytes: bytes.length };
  }
  const open = async (file: string, limit: number): Promise<ReadFile> => readFile(await readRegularFile(file, limit));
  const { name, description, members, examples, digest, bytes } = await walkFolder(path, { maxBytes, open });
  const files = new Map([["MLmodel", description]]);
  for (const [member, { content }] of [...members, ...examples]) files.set(member, content);
  return { source: { kind: "folder", name, files }, digest, bytes };
}

interface ReadFile extends FileDigest {
  readonly content: Uint8Array;
}

function readFile(content: Uint8Array): ReadFile {
  return { digest: sha256(content), length: content.length, content };
}

export interface WalkOptions<Opened extends FileDigest> {
  readonly maxBytes: number;
  /** What is done with each file, by its real path. */
  readonly open: (path: string, maxBytes: number) => Promise<Opened>;
}

export interface WalkedFolder<Opened extends FileDigest> {
  readonly name: string;
  /** The MLmodel itself. */
  readonly description: Uint8Array;
  readonly members: ReadonlyMap<string, Opened>;
  /** What the model is read without, which is no part of its digest. */
  readonly examples: ReadonlyMap<string, Opened>;
  readonly digest: string;
  readonly bytes: number;
}

/** The files of a folder that belong to its model. @throws what `readSource` throws of a folder */
export async function walkFolder<Opened extends FileDigest>(
  path: string,
  { maxBytes, open }: WalkOptions<Opened>,
): Promise<WalkedFolder<Opened>> {
  const name = basename(path);
  const root = await realpath(path);
  const description = await openMember(root, "MLmodel", { name, maxBytes, open: readRegularFile });
  if (description === undefined) throw trimaranError("FORMAT_FOLDER", { name });
  const members = new Map<string, Opened>();
  let bytes = description.length;
  for (const member of folderMembers(description, name)) {
    const opened = await openMember(root, member, { name, maxBytes: maxBytes - bytes, open });
    if (opened === undefined) {
      throw trimaranError("MLMODEL_INVALID", { name, problem: `it names the file ${member}, which is not there` });
    }
    members.set(member, opened);
    bytes += opened.length;
  }
  const hash = createHash("sha256");
  const digests = [["MLmodel", sha256(description)], ...[...members].map(([member, { digest }]) => [member, digest])];
  for (const [member = "", digest] of digests.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1))) {
    hash.update(`${member}\0${digest}\n`);
  }
  const examples = new Map<string, Opened>();
  for (const member of exampleMembers(readMLmodel(description, name), name)) {
    const opened = await openExample(root, member, { name, maxBytes: maxExampleBytes, open });
    if (opened !== undefined) examples.set(member, opened);
  }
  return { name, description, members, examples, digest: `sha256:${hash.digest("hex")}`, bytes };
}

interface MemberOptions<Opened> {
  readonly name: string;
  readonly maxBytes: number;
  readonly open: (path: string, maxBytes: number) => Promise<Opened>;
}

/** An example that is not there, or not to be read, is none. */
async function openExample<Opened>(
  root: string,
  member: string,
  options: MemberOptions<Opened>,
): Promise<Opened | undefined> {
  try {
    return await openMember(root, member, options);
  } catch (cause) {
    if (isTrimaranError(cause) && cause.code.startsWith("FILE_")) return undefined;
    throw cause;
  }
}

/** A file below `root`, or undefined when it is not there. A link that leads out of the folder is refused. */
async function openMember<Opened>(
  root: string,
  member: string,
  { name, maxBytes, open }: MemberOptions<Opened>,
): Promise<Opened | undefined> {
  const real = await realpath(join(root, member)).catch((cause: unknown) => {
    if (errnoOf(cause) === "ENOENT" || errnoOf(cause) === "ENOTDIR") return undefined;
    throw fileError(member, cause);
  });
  if (real === undefined) return undefined;
  if (!real.startsWith(root.endsWith(sep) ? root : root + sep)) {
    throw trimaranError("MLMODEL_INVALID", { name, problem: `${member} is a link that leads out of the folder` });
  }
  return open(real, maxBytes);
}
