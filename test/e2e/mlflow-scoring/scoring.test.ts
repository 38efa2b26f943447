// MLflow's own server and ours get the same requests over the same logged models; MLflow's own client asks ours. Skipped where
// the Python environment can neither be found nor made.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import { makePythonEnvironment, type PythonPins } from "../../../scripts/python-environment.ts";
import { openWebService } from "../../../src/doors/web/open-web-service.ts";
import { fixedCatalog } from "../../../src/serving/catalog.ts";
import { openService } from "../../../src/serving/open-service.ts";
import type { PredictionService } from "../../../src/serving/prediction-service.ts";
import { allowedDifferences } from "./allowed.ts";
import { type ScoringCase, scoringCases } from "./cases.ts";
import { mlflow3 } from "./environments.ts";
import { logModels, runPython, serveModels } from "./servers.ts";

for (const pins of [mlflow3]) {
  describe(`the scoring protocol beside ${pins.pins[0]}`, () => {
    it("answers what MLflow's server answers, and its client asks ours unchanged", {
      timeout: 600_000,
    }, async (context) => {
      const python = await pythonOf(pins, context);
      if (python === undefined) return;
      const start = performance.now();
      await using models = await logModels(python);
      await using theirs = await serveModels(python, models.folder);
      await using ours = await serveOurs(models.folder);
      const unused = new Set(Object.keys(allowedDifferences));
      const differences: string[] = [];
      for (const asked of scoringCases) {
        const [their, our] = await Promise.all([
          ask(`${theirs.url}/${asked.model}/invocations`, asked),
          ask(`${ours.url}/invocations/${asked.model}`, asked),
        ]);
        if (isSame(their, our)) continue;
        const allowed = allowedDifferences[asked.name];
        unused.delete(asked.name);
        if (allowed?.status !== our.status) differences.push(`${asked.name}: ${tell(their)}, ours ${tell(our)}`);
      }
      assert.deepEqual(differences, []);
      assert.deepEqual([...unused], [], "differences that are listed and gone");
      await assertClient(python, ours.port);
      const seconds = ((performance.now() - start) / 1000).toFixed(0);
      context.diagnostic(`${scoringCases.length} requests to both, and the client: ${seconds} s`);
    });
  });
}

async function pythonOf(pins: PythonPins, context: TestContext): Promise<string | undefined> {
  try {
    return await makePythonEnvironment(pins);
  } catch {
    context.skip(`${pins.pins[0]} is not here and cannot be installed`);
    return undefined;
  }
}

interface OurServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
}

/** `regressor` first: the short route, which is all that MLflow's client knows, is its. */
async function serveOurs(folder: string): Promise<OurServer> {
  const names = readdirSync(folder).sort((a, b) => Number(b === "regressor") - Number(a === "regressor"));
  const services: PredictionService[] = [];
  for (const name of names) services.push(await openService(`${folder}/${name}`));
  const web = await openWebService({ catalog: fixedCatalog(services), port: 0, drainGraceMs: 0 });
  return {
    url: web.url,
    port: web.port,
    async [Symbol.asyncDispose]() {
      await web.close({ deadlineMs: 0 });
      for (const service of services) await service.close();
    },
  };
}

interface Scored {
  readonly status: number;
  readonly errorCode: string | undefined;
  readonly predictions: unknown;
}

async function ask(url: string, { body, type = "application/json" }: ScoringCase): Promise<Scored> {
  const response = await fetch(url, { method: "POST", headers: { "content-type": type }, body: body as BodyInit });
  const text = await response.text();
  if (response.status === 415)
    return { status: 415, errorCode: undefined, predictions: response.headers.get("content-type") };
  const { error_code: errorCode, predictions } = JSON.parse(text) as { error_code?: string; predictions?: unknown };
  return { status: response.status, errorCode, predictions };
}

function isSame(a: Scored, b: Scored): boolean {
  return a.status === b.status && a.errorCode === b.errorCode && isClose(a.predictions, b.predictions);
}

/** NumPy adds in another order than we do, by a few units of the last place. */
function isClose(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isClose(item, b[at]));
  if (typeof a === "number" && typeof b === "number") return Math.abs(a - b) <= 1e-12 * Math.max(1, Math.abs(a));
  return a === b;
}

function tell({ status, errorCode, predictions }: Scored): string {
  return `${status} ${errorCode ?? JSON.stringify(predictions)}`;
}

async function assertClient(python: string, port: number): Promise<void> {
  const seen = JSON.parse(await runPython(python, "client.py", [String(port)])) as Readonly<Record<string, unknown>>;
  const expected = [3, 6.25];
  assert.match(String(seen["version"]), /^\d+\.\d+\.\d+$/);
  assert.ok(
    isClose(
      seen["dataframe"],
      expected.map((value) => value),
    ),
    JSON.stringify(seen),
  );
  assert.ok(isClose(seen["ndarray"], expected), JSON.stringify(seen));
  assert.ok(isClose(seen["array"], [3]), JSON.stringify(seen));
  assert.match(String(seen["refusal"]), /Model is missing inputs \['n'\]/);
  assert.match(String(seen["nan"]), /Encountered an unexpected error while evaluating the model/);
}
