// Trimaran itself as a tarball. A clone is built and packed in a copy of its sources: the checkout, and what else builds in it,
// is not touched.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzipSync } from "node:zlib";
import { trimaranError } from "../../base/errors.ts";

const run = promisify(execFile);

/** What the package is built from: its sources, and how. */
const packed = /^(bin|src|scripts|README\.md|LICENSE|package\.json|tsconfig.*\.json)$/;

/** The folder that holds our package.json. */
export const ownRoot: string = fileURLToPath(new URL("../../../", import.meta.url));

export interface TrimaranTarball {
  readonly bytes: Uint8Array;
  /** As a lock file writes it: `sha512-…`. */
  readonly integrity: string;
}

/** Null for an installed package: the registry has it. @throws PACKAGE_TRIMARAN */
export async function packTrimaran(signal: AbortSignal): Promise<TrimaranTarball | null> {
  if (!existsSync(join(ownRoot, "src", "cli", "main.ts"))) return null;
  const scratch = await mkdtemp(join(tmpdir(), "trimaran-pack-"));
  try {
    const staging = join(scratch, "checkout");
    for (const name of await readdir(ownRoot)) {
      if (!packed.test(name)) continue;
      await cp(join(ownRoot, name), join(staging, name), { recursive: true });
    }
    await symlink(join(ownRoot, "node_modules"), join(staging, "node_modules"));
    const env = { ...process.env, PATH: [join(ownRoot, "node_modules", ".bin"), process.env["PATH"]].join(delimiter) };
    const pack = ["pack", "--json", "--foreground-scripts=false", "--pack-destination", scratch];
    const { stdout } = await run("npm", pack, { cwd: staging, env, signal, maxBuffer: 1 << 26 });
    const [made] = JSON.parse(stdout) as readonly { readonly filename: string }[];
    return tarball(await readFile(join(scratch, made?.filename ?? "")));
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw trimaranError("PACKAGE_TRIMARAN", { problem: firstLine(cause) }, { cause });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A tarball that the user names. @throws PACKAGE_TRIMARAN, FILE_NOT_FOUND */
export async function readTarball(path: string, version: string): Promise<TrimaranTarball> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw trimaranError("FILE_NOT_FOUND", { path }, { cause });
  });
  const found = versionIn(bytes);
  if (found === version) return tarball(bytes);
  const what = found === null ? "is no tarball of trimaran" : `holds trimaran ${found}, and this is ${version}`;
  throw trimaranError("PACKAGE_TRIMARAN", { problem: `${path} ${what}` });
}

function tarball(bytes: Uint8Array): TrimaranTarball {
  return { bytes, integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}` };
}

const block = 512;
const maxTarBytes = 2 ** 28;

/** The version that `package/package.json` of a tarball says; null when it is none of ours. */
function versionIn(bytes: Uint8Array): string | null {
  try {
    const tar = gunzipSync(bytes, { maxOutputLength: maxTarBytes });
    for (let at = 0; at + block <= tar.length; ) {
      const name = tar.toString("latin1", at, at + 100).replace(/\0.*$/s, "");
      const size = Number.parseInt(tar.toString("latin1", at + 124, at + 136), 8) || 0;
      if (name === "package/package.json") {
        const manifest: unknown = JSON.parse(tar.toString("utf8", at + block, at + block + size));
        const { name: packed, version } = manifest as { readonly name?: unknown; readonly version?: unknown };
        return packed === "trimaran" && typeof version === "string" ? version : null;
      }
      at += block + Math.ceil(size / block) * block;
    }
  } catch {
    // Neither gzip nor JSON.
  }
  return null;
}

function firstLine(cause: unknown): string {
  const { stdout, stderr, code, message } = cause as {
    readonly stdout?: string;
    readonly stderr?: string;
    readonly code?: unknown;
    readonly message?: string;
  };
  if (code === "ENOENT") return "npm is not there";
  const said = `${stdout ?? ""}\n${stderr ?? ""}`.split("\n").find((line) => /error TS\d+|npm error [A-Z]/.test(line));
  return (said ?? message ?? "it failed").trim().replace(/\.$/, "");
}
