// What the tests of the logs share: a folder that goes away again, a log in it, its files and lines.
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventRow, EventSource } from "../../src/feedback/feedback-event.ts";

export interface LogFolder extends Disposable {
  readonly root: string;
  files(): string[];
  lines(): string[];
  events(): Record<string, unknown>[];
}

export function logFolder(): LogFolder {
  const home = mkdtempSync(join(tmpdir(), "trimaran-log-"));
  const root = join(home, "predictions");
  const files = (): string[] => globSync("**/*.ndjson", { cwd: root }).sort();
  const lines = (): string[] =>
    files().flatMap((file) => readFileSync(join(root, file), "utf8").split("\n").slice(0, -1));
  return {
    root,
    files,
    lines,
    events: () => lines().map((line) => JSON.parse(line) as Record<string, unknown>),
    [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }),
  };
}

export const testSource: EventSource = {
  door: "web",
  deployment: "small",
  definition_digest: null,
  models: [{ name: "small", uri: "./small", version: "7", digest: "sha256:00" }],
  role: "champion",
};

export function testRow(id: string, values: Partial<EventRow> = {}): EventRow {
  const input = { x: 1 };
  const time = new Date("2026-01-02T03:04:05Z");
  return { id, time, input, features: input, output: { twice: 2 }, warnings: [], latencyMs: 1.23456, ...values };
}
