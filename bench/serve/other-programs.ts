// Two works that are programs of their own, run as such.
import { root } from "../../scripts/stage.ts";
import type { Outcome, Work, WorkOptions } from "./outcome.ts";
import { outputOf } from "./processes.ts";

export const predictionLog: Work = (options) => program("prediction-log", options);
export const imageSize: Work = (options) => program("image-size", options);

async function program(name: string, { quick }: WorkOptions): Promise<Outcome> {
  const flags = ["--json", ...(quick ? ["--quick"] : [])];
  const text = await outputOf([process.execPath, `${root}bench/${name}.ts`, ...flags], root);
  return JSON.parse(text) as Outcome;
}
