// `trimaran score`: files in, one file out, whole or not at all.
import { resolve } from "node:path";
import { openScoring, type ScoringOptions } from "../../doors/batch/open-scoring.ts";
import type { ScoreUnit, Scoring } from "../../doors/batch/scoring.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { serviceOptions } from "../open-target.ts";
import { version } from "../package-version.ts";
import { askedPeriod, maxRejectsOf, scoreUrls, unitOf } from "../score-plan.ts";
import { openScoreProgress } from "../score-progress.ts";
import { noticesOf, planJson, planText, resultJson, resultText } from "../score-report.ts";
import { isOn, listOf, numberOf, textOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { settings, host } = call;
  const unit = unitOf(scoreUrls(settings), askedPeriod(settings, new Date()));
  await using scoring = await openScoring(scoringOptions(call));
  if (isOn(settings, "dry-run")) {
    const plan = await scoring.plan(unit, host.signal);
    await writeOutput(
      host.stdout,
      isOn(settings, "json") ? `${JSON.stringify(planJson(plan))}\n` : `${planText(plan)}\n`,
    );
    return exitDone;
  }
  return scoreOne(call, scoring, unit);
}

async function scoreOne({ settings, host, messages }: CommandCall, scoring: Scoring, unit: ScoreUnit): Promise<number> {
  using progress = openScoreProgress(host, messages, unit.period);
  const result = await scoring.run(unit, {
    signal: host.signal,
    onProgress: progress.update,
    onNotice: (text) => messages.info(text),
  });
  progress[Symbol.dispose]();
  for (const notice of noticesOf(result)) messages.warn(notice);
  await writeOutput(
    host.stdout,
    isOn(settings, "json") ? `${JSON.stringify(resultJson(result))}\n` : `${resultText(result)}\n`,
  );
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
