// Files of a log → events, each once. A line that a crash cut off is no event and is passed over.
import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { PredictionEvent, TruthEvent } from "./feedback-event.ts";

/**
 * The predictions of a deployment, by date; of those with one id in one role by one model the first. `root` is
 * `.trimaran/predictions`.
 */
export async function* readPredictions(root: string, deployment: string): AsyncGenerator<PredictionEvent> {
  const seen = new Set<string>();
  for await (const value of readLines(root, deployment)) {
    const event = value as PredictionEvent;
    if (typeof event.id !== "string" || !Array.isArray(event.models)) continue;
    const digests = event.models.map(({ digest }) => digest).join(",");
    const key = `${event.id}\n${event.role}\n${event.definition_digest}\n${digests}`;
    if (seen.has(key)) continue;
    seen.add(key);
    yield event;
  }
}

/** What was said about predictions, by date; the same said again with nothing else in between is told once. `root` is `.trimaran/truth`. */
export async function* readTruths(root: string, deployment: string): AsyncGenerator<TruthEvent> {
  const latest = new Map<string, string>();
  for await (const value of readLines(root, deployment)) {
    const event = value as TruthEvent;
    const name = event.id === undefined ? `key ${event.key}` : `id ${event.id}`;
    if (latest.get(name) === event.digest) continue;
    latest.set(name, event.digest);
    yield event;
  }
}

async function* readLines(root: string, deployment: string): AsyncGenerator<object> {
  const folder = join(root, deployment);
  for (const date of await sorted(folder)) {
    for (const name of await sorted(join(folder, date))) {
      if (!name.endsWith(".ndjson")) continue;
      for await (const line of linesOf(join(folder, date, name))) {
        const value = parsed(line);
        if (value !== null) yield value;
      }
    }
  }
}

/** By line feeds alone: JSON may hold other separators as they are. What stands behind the last one is no whole line. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(path, { encoding: "utf8" })) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

async function sorted(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** A part of an object's text is never an object's text. */
function parsed(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
