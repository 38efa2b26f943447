// A real PostgreSQL server for suites, from Debian's package `postgresql` or whatever is on PATH: in a temporary folder, on a free
// loopback port and a Unix socket, gone when disposed. Where the programs are missing, suites skip by name.
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { chmod, chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "./free-ports.ts";

const run = promisify(execFile);

export const postgresUser = "trimaran";
/** Signs that a URL must encode. */
export const postgresPassword = "s3cr%t:p@ss/w?rd#";

export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** The folder of the Unix socket. */
  readonly socket: string;
  /** Whose its files are; empty: of who runs the suite. */
  readonly owner: Owner;
  /** Makes an empty database and gives its URL; `host` and what follows the name may be others. */
  createDatabase(name: string): Promise<string>;
  url(database: string, place?: { readonly host?: string; readonly query?: string }): string;
  /** Runs statements as the superuser that owns everything. */
  execute(database: string, sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Ends it at once, as a crash does; `start` brings it back with what it had. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** The folder of `initdb` and `postgres`, or undefined. */
export function findPostgres(): string | undefined {
  const installed = globSync("/usr/lib/postgresql/*/bin").sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  const folders = [...installed, ...(process.env["PATH"] ?? "").split(delimiter)];
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** For a test's options. */
export function postgresSkip(): string | false {
  return findPostgres() === undefined ? "PostgreSQL is not installed (Debian's package postgresql)" : false;
}

export interface PostgresServerOptions {
  /** PEM texts: it speaks TLS with them. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export async function startPostgres({ tls }: PostgresServerOptions = {}): Promise<PostgresServer> {
  const programs = findPostgres();
  if (programs === undefined) throw new Error("PostgreSQL is not installed");
  const folder = await mkdtemp(join(tmpdir(), "trimaran-pg-"));
  const owner = ownerOf(programs);
  const data = join(folder, "data");
  const password = join(folder, "password");
  const port = await freePort();
  const server: { child: ChildProcess | null } = { child: null };
  const connect = async (database: string): Promise<pg.Client> => {
    const client = new pg.Client({ host: folder, port, database, user: postgresUser, password: postgresPassword });
    client.on("error", () => {});
    await client.connect();
    return client;
  };
  const start = async (): Promise<void> => {
    const settings = [
      "fsync=off",
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${folder}`,
      "max_connections=60",
    ];
    if (tls !== undefined)
      settings.push("ssl=on", `ssl_cert_file=${folder}/server.crt`, `ssl_key_file=${folder}/server.key`);
    const flags = settings.flatMap((setting) => ["-c", setting]);
    const args = ["-D", data, "-p", String(port), ...flags];
    server.child = spawn(join(programs, "postgres"), args, { stdio: "ignore", cwd: folder, ...owner });
    await answers(server.child, connect);
  };
  const kill = async (signal: NodeJS.Signals = "SIGQUIT"): Promise<void> => {
    const { child } = server;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };
  const execute = async (database: string, sql: string): Promise<readonly Record<string, unknown>[]> => {
    const client = await connect(database);
    try {
      const { rows } = await client.query<Record<string, unknown>>(sql);
      return rows ?? [];
    } finally {
      await client.end();
    }
  };
  const url: PostgresServer["url"] = (database, { host = `127.0.0.1:${port}`, query = "" } = {}) =>
    `postgresql://${postgresUser}:${encodeURIComponent(postgresPassword)}@${host}/${database}${query}`;
  const dispose = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await writeFile(password, postgresPassword);
    const files = [password];
    if (tls !== undefined) {
      files.push(join(folder, "server.crt"), join(folder, "server.key"));
      await writeFile(join(folder, "server.crt"), tls.certificate);
      await writeFile(join(folder, "server.key"), tls.key, { mode: 0o600 });
    }
    for (const path of [folder, ...files]) if (owner.uid !== undefined) await chown(path, owner.uid, owner.gid ?? 0);
    await chmod(folder, 0o755);
    const flags = [
      "-A",
      "scram-sha-256",
      `--pwfile=${password}`,
      "-U",
      postgresUser,
      "-E",
      "UTF8",
      "--locale=C.UTF-8",
      "-N",
    ];
    await run(join(programs, "initdb"), ["-D", data, ...flags], { cwd: folder, ...owner });
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    port,
    socket: folder,
    owner,
    createDatabase: async (name) => {
      await execute("postgres", `CREATE DATABASE "${name}"`);
      return url(name);
    },
    url,
    execute,
    kill: () => kill(),
    start,
    [Symbol.asyncDispose]: dispose,
  };
}

export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root. */
function ownerOf(programs: string): Owner {
  if (process.getuid?.() !== 0) return {};
  for (const user of ["postgres", "nobody"]) {
    try {
      const id = (flag: string): number =>
        Number(execFileSync("id", [flag, user], { stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {}
  }
  throw new Error(`no user for the programs of ${dirname(programs)}`);
}

async function answers(child: ChildProcess, connect: (database: string) => Promise<pg.Client>): Promise<void> {
  const end = performance.now() + 60_000;
  while (performance.now() < end) {
    if (child.exitCode !== null) throw new Error("PostgreSQL ended");
    try {
      await (await connect("postgres")).end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("PostgreSQL does not answer");
}
