// Runs test files with a new PostgreSQL server as the store of every server that they open.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { startPostgres } from "../../scripts/postgres-server.ts";

/** Fails with what the files said when one of their tests fails, or when none ran. */
export async function passesOverPostgres(files: readonly string[]): Promise<void> {
  await using server = await startPostgres();
  const env: NodeJS.ProcessEnv = { ...process.env, TRIMARAN_TEST_POSTGRES: server.url("") };
  // Else the runner would take itself for a part of this one.
  delete env["NODE_TEST_CONTEXT"];
  const args = ["--test", "--test-reporter=tap", "--test-concurrency=2", ...files];
  const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  const failed = said.split(/\n(?=\s*(?:not )?ok )/).filter((part) => /^\s*not ok /.test(part));
  assert.equal(code, 0, failed.join("\n").slice(0, 10_000) || said.slice(-5000));
  assert.match(said, /^# pass [1-9]/m);
}
