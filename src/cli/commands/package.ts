// `trimaran package`: writes a folder that is deployed elsewhere.
import { resolve } from "node:path";
import { closestName } from "../../base/did-you-mean.ts";
import { trimaranError } from "../../base/errors.ts";
import { archiveName } from "../../packaging/spark/spark-plan.ts";
import { isPackageTarget, type PackageTarget, packagedFiles, packageTargetNames } from "../../packaging/targets.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { serviceOptions } from "../open-target.ts";
import { version } from "../package-version.ts";
import { type CollectedPlan, collectPlan } from "../packaging/collect-plan.ts";
import { collectSpark, type SparkAsked } from "../packaging/collect-spark.ts";
import { packTrimaran, readTarball } from "../packaging/pack-trimaran.ts";
import { nextRuns, scheduleOf } from "../packaging/score-schedule.ts";
import { type SparkContent, sparkArchive } from "../packaging/spark-archive.ts";
import { assertReplaceable, writeFolder } from "../packaging/write-folder.ts";
import { isOn, listOf, numberOf, type Settings, textOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host, messages } = call;
  const targets = packageTargetsOf(settings);
  const out = textOf(settings, "out");
  if (out === null) throw usage("--out DIR is missing: the folder to write.");
  const image = imageOf(settings);
  const grpcPort = numberOf(settings, "grpc-port") ?? null;
  if (grpcPort === 0) throw usage("--grpc-port must be a port that clients can be told, 1 to 65535.");
  const score = scheduleOf(settings, targets);
  await assertReplaceable(out);
  const given = textOf(settings, "trimaran");
  if (given === null) messages.status("Packing Trimaran");
  const tarball = given === null ? await packTrimaran(host.signal) : await readTarball(given, version());
  messages.status("");
  const service = serviceOptions(call, "package");
  const target = args[0] ?? "";
  const collected = await collectPlan(target, { service, image, grpcPort, tarball, score });
  const { plan, bytes } = targets.includes("spark")
    ? await withSpark({ ...collected, target, service, tarball })
    : collected;
  const files = packagedFiles(plan, targets);
  host.signal.throwIfAborted();
  await writeFolder(out, { files, bytes, version: version() });
  const folder = resolve(out);
  const report = { folder, files: Object.keys(files), image: plan.image, model: plan.model.digest };
  await writeOutput(host.stdout, isOn(settings, "json") ? `${JSON.stringify(report)}\n` : `${out}\n`);
  if (plan.model.digest === null) {
    messages.info("The model stays behind its URI: it is loaded, and checked, when the container starts.");
  }
  if (score !== null) {
    const [next] = nextRuns(score, 1);
    messages.info(`Written. Next: SCHEDULE.md in ${out}; the first run is at ${next?.toISOString() ?? "no time"}.`);
    return exitDone;
  }
  if (targets.every((each) => each === "spark")) {
    messages.info(`Written. Next: SPARK.md in ${out} says how to submit it.`);
    return exitDone;
  }
  messages.info(
    targets.every((target) => target === "lambda")
      ? `Written. Next: LAMBDA.md in ${out} says how to run and deploy it.`
      : `Written. Next: docker build -t ${plan.image}:v1 ${out}`,
  );
  return exitDone;
}

/** @throws PACKAGE_SPARK */
async function withSpark(asked: Omit<SparkAsked, "methods"> & SparkContent): Promise<CollectedPlan> {
  const spark = await collectSpark({ ...asked, methods: [] });
  const archive = await sparkArchive(asked);
  return { plan: { ...asked.plan, spark }, bytes: new Map([...asked.bytes, [archiveName(spark), archive]]) };
}

/** @throws USAGE_INVALID */
function packageTargetsOf(settings: Settings): readonly PackageTarget[] {
  const asked = listOf(settings, "for");
  if (asked.length === 0) throw usage(`--for is missing: ${packageTargetNames.join(", ")}.`);
  return asked.map((name) => {
    if (isPackageTarget(name)) return name;
    const close = closestName(name, packageTargetNames);
    throw usage(
      `--for ${name} is not known${close === undefined ? "" : `; did you mean ${close.name}?`} There are ${packageTargetNames.join(", ")}.`,
    );
  });
}

/** What a registry takes as the name of a repository, without a tag. @throws USAGE_INVALID */
function imageOf(settings: Settings): string | null {
  const image = textOf(settings, "image");
  const part = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
  const isName =
    image === null ||
    (image.length <= 200 && new RegExp(`^(?:[a-z0-9.-]+(?::\\d+)?/)?${part}(?:/${part})*$`).test(image));
  if (isName) return image;
  throw usage("--image must be the name of an image without a tag: lower-case letters, digits, single . _ - and /.");
}

function usage(problem: string): Error {
  return trimaranError("USAGE_INVALID", { problem, command: "package" });
}
