// The log of batch runs: one line a run in `runs/batch.ndjson` of our home, which points at the output and never copies its rows.
import { appendFile, mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { schemeName } from "./open-place.ts";
import type { Manifest } from "./ports.ts";

/** Never needed to go on. @throws what the disk says */
export async function logRun(home: string | null, manifest: Manifest, output: string): Promise<void> {
  if (home === null) return;
  const { run, deployment, definition_digest, models, period, rows, times, outputs } = manifest;
  const record = {
    id: run,
    time: times.finished,
    door: "batch",
    deployment,
    definition_digest,
    models,
    period,
    output: schemeName(output) === "" ? resolve(output) : output,
    digest: outputs[0]?.digest ?? null,
    rows,
  };
  const folder = join(home, "runs");
  await mkdir(folder, { recursive: true });
  await appendFile(join(folder, "batch.ndjson"), `${JSON.stringify(record)}\n`);
}
