// The PySpark job as text: a plan in front of a program that is the same for all.
import { driverProgram } from "./driver-program.ts";
import type { SparkPlan } from "./spark-plan.ts";
import { workerProgram } from "./worker-program.ts";

export function scoreJob(plan: SparkPlan): string {
  const { platform: _, ...facts } = plan;
  return `${workerProgram}${driverProgram}`.replace("@PLAN@", () => JSON.stringify(JSON.stringify(facts)));
}
