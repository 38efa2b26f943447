// `trimaran score`: files in, one file out, whole or not at all.
import { resolve } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { areLarge } from "../../doors/batch/large-inputs.ts";
import { openScoring, type ScoringOptions } from "../../doors/batch/open-scoring.ts";
import type { ScoreUnit, Scoring } from "../../doors/batch/scoring.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { serviceOptions } from "../open-target.ts";
import { version } from "../package-version.ts";
import { type Backtester, backtestLines, openBacktester } from "../score-backtest.ts";
import { planBackfill, runBackfill } from "../score-periods.ts";
import { askedPeriod, backfillUnits, maxRejectsOf, scoreUrls, unitOf } from "../score-plan.ts";
import { openScoreProgress } from "../score-progress.ts";
import { noticesOf, planJson, planText, resultJson, resultText } from "../score-report.ts";
import { shardOf } from "../score-shards.ts";
import { isOn, listOf, numberOf, textOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { settings, host } = call;
  if (isOn(settings, "arrow-stdio")) return (await import("../score-spark.ts")).scoreArrow(call);
  const urls = scoreUrls(settings);
  const units = shardOf(backfillUnits(settings, urls), settings, host.env);
  const unit = units === null ? unitOf(urls, askedPeriod(settings, new Date())) : null;
  if (textOf(settings, "engine") !== null) {
    if (unit === null)
      throw trimaranError("USAGE_CONFLICT", { first: "--engine", second: "--backfill", command: "score" });
    return (await import("../score-spark.ts")).scoreOnSpark(call, unit);
  }
  if (listOf(settings, "spark-conf").length > 0) {
    const problem = "--spark-conf is for --engine: no Spark is asked without it.";
    throw trimaranError("USAGE_INVALID", { problem, command: "score" });
  }
  const isLarge = unit !== null && !isOn(settings, "dry-run") && (await areLarge(unit.inputs));
  await using scoring = await openScoring({ ...scoringOptions(call), isLarge });
  const backtester = openBacktester(call, scoring);
  if (unit === null) {
    const backfill = { scoring, units: units ?? [], backtester };
    return await (isOn(settings, "dry-run") ? planBackfill(call, backfill) : runBackfill(call, backfill));
  }
  if (isOn(settings, "dry-run")) {
    const plan = await scoring.plan(unit, host.signal);
    await writeOutput(
      host.stdout,
      isOn(settings, "json") ? `${JSON.stringify(planJson(plan))}\n` : `${planText(plan)}\n`,
    );
    return exitDone;
  }
  return await scoreOne(call, { scoring, backtester }, unit);
}

interface Opened {
  readonly scoring: Scoring;
  readonly backtester: Backtester;
}

async function scoreOne(call: CommandCall, { scoring, backtester }: Opened, unit: ScoreUnit): Promise<number> {
  const { settings, host, messages } = call;
  if (textOf(settings, "since") === "manifest") {
    const plan = await scoring.plan(unit, host.signal);
    if (plan.state === "done") {
      const text = isOn(settings, "json") ? JSON.stringify(planJson(plan)) : planText(plan);
      await writeOutput(host.stdout, `${text}\n`);
      return exitDone;
    }
  }
  using progress = openScoreProgress(host, messages, unit.period);
  const result = await scoring.run(unit, {
    signal: host.signal,
    onProgress: progress.update,
    onNotice: (text) => messages.info(text),
    ...(backtester.beforePublish === undefined ? {} : { beforePublish: backtester.beforePublish }),
  });
  progress[Symbol.dispose]();
  for (const notice of noticesOf(result)) messages.warn(notice);
  const text = isOn(settings, "json")
    ? JSON.stringify(resultJson(result))
    : [resultText(result), ...backtestLines(result.manifest)].join("\n");
  await writeOutput(host.stdout, `${text}\n`);
  await backtester.log(result);
  return exitDone;
}

/** @throws USAGE_INVALID, USAGE_CONFLICT */
export function scoringOptions(call: CommandCall): ScoringOptions {
  const { args, settings, host } = call;
  const home = resolve(textOf(settings, "home") ?? ".trimaran");
  const env = { ...host.env };
  const opened = serviceOptions({ ...call, host: { ...host, env } }, "score");
  const threads = numberOf(settings, "threads");
  const memoryLimit = numberOf(settings, "memory-limit");
  return {
    target: args[0] ?? "",
    // The threads are ours: each scores with a model of its own, which they share prepared.
    service: { ...opened, threads: 1, cache: { home } },
    methods: listOf(settings, "method"),
    ...(threads === undefined ? {} : { threads }),
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
    maxRejects: maxRejectsOf(settings),
    env,
    packageVersion: version(),
    home,
  };
}
