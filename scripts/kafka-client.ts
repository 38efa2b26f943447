// Confluent's client library of Kafka for suites and benches: native code, so it is no dependency of ours; built once into the test
// cache for the Node that runs this. Made by `node scripts/kafka-client.ts`; where it cannot be built, suites skip by name.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { testCache } from "./python-environment.ts";

const run = promisify(execFile);
const name = "@confluentinc/kafka-javascript";
export const confluentVersion = "1.10.1";
const addon = `node_modules/${name}/build/Release/confluent-kafka-javascript.node`;

/** A folder to start `trimaran stream` in, or undefined: it has not been built. */
export function findConfluentFolder(): string | undefined {
  return existsSync(join(place(), addon)) ? place() : undefined;
}

/** For a test's options: why it is skipped, or false. It is built when it is not there yet. */
export async function confluentSkip(): Promise<string | false> {
  try {
    await makeConfluent();
    return false;
  } catch {
    return `${name} cannot be built here: a compiler, or Debian's libssl-dev libcurl4-openssl-dev zlib1g-dev libzstd-dev libsasl2-dev, or Node's headers are missing`;
  }
}

/** Built beside its place and renamed into it when whole; of two at once the first wins. Some minutes. */
export async function makeConfluent(): Promise<string> {
  const found = findConfluentFolder();
  if (found !== undefined) return found;
  mkdirSync(dirname(place()), { recursive: true });
  const scratch = mkdtempSync(`${place()}.making-`);
  const headers = mkdtempSync(`${place()}.headers-`);
  try {
    // Node's headers come with the package that holds its binary.
    const binary = `node-${process.platform}-${process.arch}`;
    await run("npm", ["install", "--no-audit", "--no-fund", "--prefix", headers, `${binary}@${process.versions.node}`]);
    const nodedir = join(headers, "node_modules", binary);
    const manifest = { private: true, dependencies: { [name]: confluentVersion }, allowScripts: { [name]: true } };
    writeFileSync(join(scratch, "package.json"), JSON.stringify(manifest));
    const { JOBS: _, ...env } = process.env;
    const path = `${dirname(process.execPath)}:${env["PATH"] ?? ""}`;
    await run("npm", ["install", "--no-audit", "--no-fund"], {
      cwd: scratch,
      env: { ...env, PATH: path, npm_config_nodedir: nodedir, CKJS_LINKING: "dynamic" },
      maxBuffer: 1 << 26,
    });
    if (!existsSync(join(scratch, addon))) throw new Error("it was not built");
    // What was compiled on the way is some hundred megabytes.
    rmSync(join(scratch, `node_modules/${name}/build/Release/obj.target`), { recursive: true, force: true });
    try {
      renameSync(scratch, place());
    } catch (error) {
      if (findConfluentFolder() === undefined) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(headers, { recursive: true, force: true });
  }
  return place();
}

/** Its code is bound to the ABI of Node. */
function place(): string {
  return join(testCache(), `confluent-kafka-${confluentVersion}-node${process.versions.modules}`);
}

if (import.meta.main) process.stdout.write(`${await makeConfluent()}\n`);
