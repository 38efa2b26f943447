// Runs once while an image is built, as root: `prepare.js UID [serve TARGET …]`. Leaves out of /app what is never run, starts the
// service once as the user that it will run as (which verifies the model, keeps it prepared and, with COMPILE_CACHE=1, keeps compiled code), and gives
// every file one owner, mode and time, so that the same folder makes the same image.
import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lchownSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { prune } from "./prune.ts";

const app = process.cwd();
const [user = "", ...serve] = process.argv.slice(2);
const uid = Number(user);
const home = process.env["TRIMARAN_HOME"] ?? join(app, ".trimaran");
const compiled = process.env["NODE_COMPILE_CACHE"] ?? join(app, ".cache");

prune(join(app, "node_modules"));
// What was installed from.
for (const name of readdirSync(app)) if (name.endsWith(".tgz")) rmSync(join(app, name));
for (const folder of [home, compiled]) {
  mkdirSync(folder, { recursive: true });
  chownSync(folder, uid, uid);
}
if (serve.length > 0) await startOnce();
// V8 writes another cache of the same code each time.
if (process.env["COMPILE_CACHE"] !== "1") rmSync(compiled, { recursive: true });
const epoch = Number(process.env["SOURCE_DATE_EPOCH"] ?? 0) || 0;
settle(app);

/** @throws when the service does not start: then there is no image */
async function startOnce(): Promise<void> {
  const trimaran = join(app, "node_modules", "trimaran", "bin", "trimaran");
  const args = [trimaran, ...serve, "--port", "0", "--json", "--log-level", "warn"];
  const env = { ...process.env, NODE_COMPILE_CACHE: undefined };
  const service = spawn(process.execPath, args, { cwd: app, env, uid, gid: uid, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    service.once("error", reject);
    service.once("close", resolve);
  });
  const line = await Promise.race([firstLine(service), ended]);
  if (typeof line !== "string") throw new Error(`the service did not start: exit code ${line}`);
  service.kill("SIGTERM");
  const code = await ended;
  if (code !== 0) throw new Error(`the service did not stop: exit code ${code}`);
}

function firstLine(service: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (service.stdout !== null) createInterface({ input: service.stdout }).once("line", resolve);
  });
}

/** What the service reads of its own must be its own; everything else is root's, and nobody's to change. */
function settle(path: string, owner = 0): void {
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const place = join(path, entry.name);
    const keeps = owner !== 0 || place === home || place === compiled ? uid : 0;
    if (entry.isDirectory()) settle(place, keeps);
    else if (entry.isSymbolicLink()) {
      lchownSync(place, keeps, keeps);
      lutimesSync(place, epoch, epoch);
    } else settleOne(place, keeps, (statSync(place).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
  settleOne(path, owner, 0o755);
}

function settleOne(place: string, owner: number, mode: number): void {
  chownSync(place, owner, owner);
  chmodSync(place, mode);
  utimesSync(place, epoch, epoch);
}
