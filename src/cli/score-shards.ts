// The share of a backfill that belongs to one index of a cluster's job: index i of N takes periods i, i + N, i + 2N …
import { trimaranError } from "../base/errors.ts";
import type { ScoreUnit } from "../doors/batch/scoring.ts";
import type { Flag } from "./flag.ts";
import { numberOf, type Settings, textOf } from "./settings.ts";

export const shardsFlag: Flag = {
  name: "shards",
  value: "N",
  type: "count",
  says: "with --backfill: this process is one of N and scores its share of the periods, by JOB_COMPLETION_INDEX (0 to N - 1), which an Indexed Job of Kubernetes sets",
};

/** Set by Kubernetes in the pods of an Indexed Job. */
export const indexVariable = "JOB_COMPLETION_INDEX";

/** null: all of them. @throws USAGE_INVALID */
export function shardOf(
  units: readonly ScoreUnit[] | null,
  settings: Settings,
  env: Readonly<Record<string, string | undefined>>,
): readonly ScoreUnit[] | null {
  const shards = numberOf(settings, "shards");
  if (shards === undefined) return units;
  if (units === null || textOf(settings, "backfill") === null) throw wrong("--shards goes with --backfill.");
  if (shards < 1 || shards > units.length)
    throw wrong(`--shards must be 1 to ${units.length}, the periods of --backfill.`);
  const text = env[indexVariable] ?? "";
  const index = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (index >= 0 && index < shards) return units.filter((_, at) => at % shards === index);
  throw wrong(
    `--shards ${shards} needs ${indexVariable}, 0 to ${shards - 1}, in the environment: Kubernetes sets it in an Indexed Job.`,
  );
}

function wrong(problem: string): Error {
  return trimaranError("USAGE_INVALID", { problem, command: "score" });
}
