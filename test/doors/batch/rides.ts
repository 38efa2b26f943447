// Made-up rides as files, a definition that scores them, and the command line over both; in a folder that goes.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DuckDBInstance } from "@duckdb/node-api";

export const root: string = fileURLToPath(new URL("../../..", import.meta.url));

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Rides extends AsyncDisposable {
  readonly path: string;
  /** A path in the folder. */
  at(name: string): string;
  /** Writes a file with DuckDB: `COPY (sql) TO name (options)`. */
  copy(sql: string, name: string, options?: string): Promise<string>;
  /** Rows of a query, `{name}` being a path in the folder. */
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  definition(batch: string, more?: string): Promise<string>;
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  start(args: readonly string[]): ChildProcess;
}

/** Rides `from` to before `to`: a pair of zones, a distance, two times that lie 3 to 47 minutes apart. */
export function ridesSql(from: number, to: number): string {
  return `SELECT i AS vendor, CAST(1 + i % 260 AS BIGINT) AS "PULocationID", CAST(1 + (i * 7) % 260 AS BIGINT) AS "DOLocationID",
    (i % 100) / 8.0::DOUBLE AS trip_distance,
    TIMESTAMP '2021-03-01 00:00:00' + INTERVAL (i) SECOND AS lpep_pickup_datetime,
    TIMESTAMP '2021-03-01 00:03:00' + INTERVAL (i + (i % 45) * 60) SECOND AS lpep_dropoff_datetime
    FROM range(${from}, ${to}) t(i)`;
}

export async function makeRides(): Promise<Rides> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-batch-"));
  const at = (name: string): string => join(path, name);
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const environment = (env: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
    ...process.env,
    TRIMARAN_HOME: at("home"),
    NO_COLOR: "1",
    ...env,
  });
  const command = (args: readonly string[]): string[] => [join(root, "bin/trimaran"), "score", ...args];
  return {
    path,
    at,
    async copy(sql, name, options = "") {
      await mkdir(dirname(at(name)), { recursive: true });
      await connection.run(`COPY (${sql}) TO '${at(name)}' ${options}`);
      return at(name);
    },
    async rows(sql) {
      const result = await connection.runAndReadAll(
        sql.replaceAll(/\{([^}]+)\}/g, (_, name: string) => `'${at(name)}'`),
      );
      return result.getRowObjectsJS();
    },
    async definition(batch, more = "") {
      await symlink(join(root, "examples/ride-duration/lin_reg.bin"), at("lin_reg.bin")).catch(() => {});
      const file = at("deployment.yaml");
      await writeFile(file, `${definitionText}${more}batch:\n${batch.replaceAll(/^/gm, "  ")}\n`);
      return file;
    },
    run(args, env) {
      return new Promise((resolve) => {
        execFile(
          process.execPath,
          command(args),
          { cwd: path, env: environment(env), maxBuffer: 1 << 26 },
          (error, stdout, stderr) => {
            const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
            resolve({ code, stdout, stderr });
          },
        );
      });
    },
    start: (args) =>
      spawn(process.execPath, command(args), { cwd: path, env: environment(), stdio: ["ignore", "pipe", "pipe"] }),
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** The rides of the course, without a model. */
export const ridesFields: string = `name: rides
input:
  PULocationID: { type: integer, min: 1, max: 265 }
  DOLocationID: { type: integer, min: 1, max: 265 }
  trip_distance: { type: number, min: 0 }
features:
  PU_DO: "{PULocationID}_{DOLocationID}"
  trip_distance: trip_distance
output:
  duration: number
`;

const definitionText = `model: ./lin_reg.bin\n${ridesFields}`;

/** The course's job: the duration derived, 1 to 60 minutes kept, eight columns. */
export const courseBatch = `derive:
  duration: "date_diff('microsecond', lpep_pickup_datetime, lpep_dropoff_datetime) / 6e7"
where: duration BETWEEN 1 AND 60
truth: duration
write:
  ride_id: id
  lpep_pickup_datetime: row
  PULocationID: row
  DOLocationID: row
  actual_duration: truth
  predicted_duration: output.duration
  diff: truth - output
  model_version: version`;

export async function manifestAt(path: string): Promise<Record<string, never> & Manifest> {
  return JSON.parse(await readFile(path, "utf8")) as Record<string, never> & Manifest;
}

interface Manifest {
  readonly run: string;
  readonly rows: Readonly<Record<string, number>>;
  readonly outputs: readonly { readonly digest: string; readonly bytes: number }[];
  readonly period: string | null;
}
