// A plan whose every text is SQL, shell, YAML and Python where nobody quotes it, and its files in a folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PythonPins } from "../../../scripts/python-environment.ts";
import type { PackagePlan, ScoreSchedule } from "../../../src/packaging/package-plan.ts";
import { type CronFields, parseCron } from "../../../src/packaging/schedules/cron-fields.ts";
import { type PackageTarget, packagedFiles } from "../../../src/packaging/targets.ts";

export const airflowPins: PythonPins = { name: "airflow", python: "3.12", pins: ["apache-airflow==3.1.8"] };

export function fieldsOf(cron: string): CronFields {
  const fields = parseCron(cron);
  if (typeof fields === "string") throw new Error(fields);
  return fields;
}

export const hostileInput = '/data/it\'s "a" 100%$HOME $(id) `id` \\n{year}-{month} é.parquet';
export const hostileTarget = 'ride/it\'s "x" 100%$HOME $(id).yaml';

export function planOf(more: Partial<ScoreSchedule> = {}): PackagePlan {
  const cron = more.cron ?? "0 3 2 * *";
  return {
    name: "Ride duration",
    image: "duration-prediction-service",
    about: "",
    trimaran: { version: "1.2.3", tarball: null },
    packages: {},
    locked: {},
    target: hostileTarget,
    serveArguments: ["--model", "models:/it's@champion"],
    environment: { MODEL_URI: "/app/deployment/models/model/it's 100%$HOME.bin" },
    files: {},
    port: 9696,
    grpcPort: null,
    isWhole: true,
    model: { digest: null, version: null },
    definitionDigest: null,
    sample: null,
    score: {
      cron,
      fields: fieldsOf(cron),
      timeZone: "UTC",
      inputs: [hostileInput, "s3://trips/{year}/{month}/*.parquet"],
      output: "/data/out/year={year}/month={month}/",
      isMonthly: true,
      place: "/opt/ride",
      backfill: { range: "2021-03..2022-04", shards: 4 },
      ...more,
    },
  };
}

export interface WrittenFolder extends Disposable {
  readonly path: string;
}

export function scratch(): WrittenFolder {
  const path = mkdtempSync(join(tmpdir(), "trimaran-schedule-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The texts of the targets' files below `folder`. */
export function writeFiles(folder: string, plan: PackagePlan, targets: readonly PackageTarget[]): void {
  for (const [name, text] of Object.entries(packagedFiles(plan, targets))) {
    if (typeof text !== "string") continue;
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Stands where `npm ci` puts Trimaran: writes its arguments to `calls` and ends with the first code of `codes`. */
export function putProgram(folder: string): void {
  const bin = join(folder, "node_modules", ".bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, "trimaran"),
    `#!/bin/sh
for word in "$@"; do printf '%s\\n' "$word" >> "${folder}/calls"; done
printf 'KEY=%s %s\\n' "$KEY" "$MODEL_URI" >> "${folder}/calls"
code=$(head -n 1 "${folder}/codes")
sed -i 1d "${folder}/codes"
exit "$code"
`,
    { mode: 0o755 },
  );
}
