// A definition over the registry's model, a `serve` in front of it, and callers that never rest.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Running, serve } from "../../doors/web/fleet/fixtures.ts";
import { type Finished, spawnCli } from "../spawn-cli.ts";

export interface Place extends AsyncDisposable {
  readonly path: string;
  /** Writes a definition of rides with this model line and gives its file. */
  define(name: string, model: string): Promise<string>;
  serve(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Running>;
  cli(args: readonly string[]): Promise<Finished>;
}

export async function openPlace(trackingUri: string | null): Promise<Place> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-registry-"));
  const server: Record<string, string> = trackingUri === null ? {} : { MLFLOW_TRACKING_URI: trackingUri };
  const env = { ...server, HOME: path, TRIMARAN_HOME: join(path, "home"), USER: "ada", LOGNAME: "ada" };
  return {
    path,
    async define(name, model) {
      const file = join(path, `${name}.yaml`);
      await writeFile(file, definition(model));
      return file;
    },
    serve: (args, more = {}) => serve([...args, "--host", "127.0.0.1"], { ...env, ...more }),
    cli: (args) => spawnCli(args, { env: { ...env, MLFLOW_HTTP_REQUEST_MAX_RETRIES: "0" } }),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

function definition(model: string): string {
  return `name: ride-duration
model: ${model}
input:
  PULocationID: { type: integer }
  DOLocationID: { type: integer }
  trip_distance: { type: number }
features:
  PU_DO: "{PULocationID}_{DOLocationID}"
  trip_distance: trip_distance
output:
  duration: { type: number }
examples:
  - input: { PULocationID: 1, DOLocationID: 2, trip_distance: 2 }
`;
}

export interface Answer {
  readonly duration: number;
  readonly model_version: string;
}

export async function ask({ port }: Running): Promise<Answer> {
  const response = await fetch(`http://127.0.0.1:${port}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ PULocationID: 1, DOLocationID: 2, trip_distance: 2 }),
  });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

export interface Load {
  readonly versions: Set<string>;
  readonly failures: string[];
  answers: number;
  stop(): Promise<void>;
}

/** Four callers; each answer's duration must be that of its version. */
export function load(running: Running, durations: Readonly<Record<string, number>>): Load {
  let ended = false;
  const result = { versions: new Set<string>(), failures: [] as string[], answers: 0 };
  const call = async (): Promise<void> => {
    while (!ended) {
      try {
        const { duration, model_version } = await ask(running);
        result.versions.add(model_version);
        result.answers++;
        const wanted = durations[model_version];
        if (wanted === undefined || Math.abs(duration - wanted) > 1e-6) {
          result.failures.push(`${model_version} answered ${duration}`);
        }
      } catch (error) {
        result.failures.push(String(error));
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const callers = Array.from({ length: 4 }, call);
  return Object.assign(result, {
    async stop() {
      ended = true;
      await Promise.all(callers);
    },
  });
}

export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 60_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
