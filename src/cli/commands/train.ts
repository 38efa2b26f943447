// `trimaran train`: rows in, a model that is measured out: logged as a run, or saved.
import { setImmediate as nextTurn } from "node:timers/promises";
import { openDefinition } from "../../deployment/open-definition.ts";
import type { OpenedDefinition } from "../../deployment/resolved-deployment.ts";
import { dataFiles } from "../../train/data/data-files.ts";
import { openDefinitionSource } from "../../train/data/definition-source.ts";
import { openPlainSource } from "../../train/data/plain-source.ts";
import type { RowSource } from "../../train/data/row-source.ts";
import { modelFolder } from "../../train/log/model-folder.ts";
import type { Trained } from "../../train/log/training-records.ts";
import { trainOnRows } from "../../train/train-on-rows.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { onOneLine } from "../messages.ts";
import { version } from "../package-version.ts";
import { isOn } from "../settings.ts";
import { type TrainPlan, trainPlan } from "../train-plan.ts";
import { leftOutText, measuredText, progressText } from "../train-report.ts";
import { logAsRun } from "../train-run.ts";
import { savedReport, saveModel } from "../train-save.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host, messages } = call;
  const plan = trainPlan(args, settings);
  const opened = plan.deployment === null ? null : await openDefinition(plan.deployment);
  const files = await dataFiles(plan.data);
  const held = typeof plan.validation === "number" ? plan.validation : await dataFiles(plan.validation);
  await using source = await openSource(call, { plan, opened, files });
  await using validation = typeof held === "number" ? null : await openSource(call, { plan, opened, files: held });
  const train = async (): Promise<Trained> => {
    const trained = await trainOnRows({
      source,
      validation: validation ?? (held as number),
      spec: plan.spec,
      seed: plan.seed,
      threads: plan.threads,
      signal: host.signal,
      onProgress: progressText(messages),
    });
    messages.status("");
    for (const text of leftOutText(trained)) messages.warn(onOneLine(text));
    messages.info(measuredText(trained));
    // A signal that came during the fit is heard at the first pause.
    await nextTurn();
    host.signal.throwIfAborted();
    const { examples, model } = trained;
    const versions = { Trimaran: [version()] };
    const folder = modelFolder({ graph: model.graph, examples, versions });
    if (folder.withoutOnnx !== null) messages.warn(onOneLine(`Python cannot load this one. ${folder.withoutOnnx}`));
    return { trained, folder };
  };
  const report =
    plan.save === null
      ? await logAsRun(call, { plan, opened, files, held, source, train })
      : savedReport(await saveModel(plan.save, await train()));
  await writeOutput(host.stdout, isOn(settings, "json") ? `${JSON.stringify(report.json)}\n` : `${report.text}\n`);
  return exitDone;
}

interface SourceWanted {
  readonly plan: TrainPlan;
  readonly opened: OpenedDefinition | null;
  readonly files: readonly string[];
}

function openSource({ host }: CommandCall, { plan, opened, files }: SourceWanted): Promise<RowSource> {
  const { target, task, features, categories } = plan;
  const { signal } = host;
  if (opened === null) return openPlainSource({ files, target: target ?? "", features, categories, task, signal });
  return openDefinitionSource({ files, definition: opened.definition, target, task, signal });
}
