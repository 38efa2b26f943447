// Writes file stores of MLflow by hand, honest and hostile ones, and reads what an import made of them.
import { createHash } from "node:crypto";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openTracking } from "../../../src/tracking/open-tracking.ts";

export interface StoreTree extends AsyncDisposable {
  readonly folder: string;
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** Digest of every file that is none of our database's. */
  hashes(): Promise<Readonly<Record<string, string>>>;
  /** Opens the store, asks, and closes it. */
  imported(asks?: readonly Ask[]): Promise<Imported>;
}

export type Ask = readonly [method: "GET" | "POST", target: string, body?: unknown];

export interface Imported {
  readonly notices: readonly string[];
  readonly answers: readonly Record<string, unknown>[];
}

export async function storeTree(): Promise<StoreTree> {
  const place = await mkdtemp(join(tmpdir(), "trimaran-import-"));
  const folder = join(place, "mlruns");
  await mkdir(folder);
  return {
    folder,
    async write(files) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), content);
      }
    },
    hashes: () => hashesOf(folder),
    imported: (asks = []) => importFolder(folder, asks),
    [Symbol.asyncDispose]: () => rm(place, { recursive: true, force: true }),
  };
}

export async function importFolder(folder: string, asks: readonly Ask[]): Promise<Imported> {
  const notices: string[] = [];
  await using tracking = await openTracking({
    backendStoreUri: folder,
    artifactsDestination: join(folder, "..", "artifacts"),
    onNotice: (notice) => notices.push(notice),
  });
  const answers: Record<string, unknown>[] = [];
  for (const [method, target, body] of asks) {
    const headers = { "content-type": "application/json" };
    const sent = { method, target: `/api/2.0/mlflow/${target}`, headers };
    const answer = await tracking.transport.send(body === undefined ? sent : { ...sent, body: JSON.stringify(body) });
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of answer.body) text += decoder.decode(chunk, { stream: true });
    answers.push(JSON.parse(text) as Record<string, unknown>);
  }
  return { notices, answers };
}

export async function hashesOf(folder: string): Promise<Readonly<Record<string, string>>> {
  const found: Record<string, string> = {};
  for (const path of (await readdir(folder, { recursive: true })).sort()) {
    const info = await lstat(join(folder, path));
    if (!info.isFile() || path.startsWith("trimaran.db")) continue;
    const digest = createHash("sha256")
      .update(await readFile(join(folder, path)))
      .digest("hex");
    found[path] = `${digest} ${info.mtimeMs}`;
  }
  return found;
}

export function experiment(id: string, more: Readonly<Record<string, string>> = {}): string {
  return yaml({
    artifact_location: `/somewhere/${id}`,
    experiment_id: `'${id}'`,
    lifecycle_stage: "active",
    name: `e${id}`,
    ...more,
  });
}

export function run(id: string, more: Readonly<Record<string, string>> = {}): string {
  return yaml({
    artifact_uri: `/somewhere/${id}/artifacts`,
    end_time: "null",
    lifecycle_stage: "active",
    run_id: id,
    run_name: `name-${id}`,
    start_time: "1000",
    status: "3",
    source_type: "4",
    tags: "[]",
    user_id: "me",
    ...more,
  });
}

function yaml(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join("");
}
