// The DAG in a real Airflow: installs it (700 MB, some minutes, once) and runs the suite of schedules, which then skips nothing.
//
//   node bench/schedules/airflow.ts
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { makePythonEnvironment } from "../../scripts/python-environment.ts";
import { airflowPins } from "../../test/packaging/schedules/schedule-fixture.ts";

await makePythonEnvironment(airflowPins);
const suite = fileURLToPath(new URL("../../test/packaging/schedules/schedules.test.ts", import.meta.url));
const { status } = spawnSync(process.execPath, ["--test", suite], { stdio: "inherit" });
process.exitCode = status ?? 1;
