// A real server that speaks S3, for suites: versitygw, built once from the Go module proxy into the test cache.
// Made by `node scripts/s3-server.ts`; where it was not made, or Go is missing, suites skip by name.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { testCache } from "./python-environment.ts";

const run = promisify(execFile);
const version = "v1.8.0";

/** The program, or undefined: it has not been made. */
export function findS3Server(): string | undefined {
  const program = join(place(), "versitygw");
  return existsSync(program) ? program : undefined;
}

/** Built beside its place and renamed into it when whole; of two at once the first wins. */
export async function makeS3Server(): Promise<string> {
  const found = findS3Server();
  if (found !== undefined) return found;
  mkdirSync(join(place(), ".."), { recursive: true });
  const scratch = mkdtempSync(`${place()}.making-`);
  try {
    const env = { ...process.env, GOBIN: scratch };
    await run("go", ["install", `github.com/versity/versitygw/cmd/versitygw@${version}`], { env, maxBuffer: 1 << 26 });
    try {
      renameSync(scratch, place());
    } catch (error) {
      if (findS3Server() === undefined) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return join(place(), "versitygw");
}

function place(): string {
  return join(testCache(), `versitygw-${version}`);
}

if (import.meta.main) process.stdout.write(`${await makeS3Server()}\n`);
