// A target → what a job of Spark is made of: its plan, and the archive for machines like this one.
import { trimaranError } from "../../base/errors.ts";
import { scorePlan } from "../../doors/batch/score-plan.ts";
import type { PackagePlan } from "../../packaging/package-plan.ts";
import type { SparkPlan } from "../../packaging/spark/spark-plan.ts";
import { type OpenServiceOptions, openService } from "../../serving/open-service.ts";
import type { TrimaranTarball } from "./pack-trimaran.ts";
import { ownPlatform, sparkArchive } from "./spark-archive.ts";

export interface SparkAsked {
  readonly target: string;
  readonly service: OpenServiceOptions;
  /** Of a model alone. */
  readonly methods: readonly string[];
  /** More for our process in each worker. @default [] */
  readonly arguments?: readonly string[];
  readonly plan: PackagePlan;
  readonly bytes: ReadonlyMap<string, Uint8Array>;
  readonly tarball: TrimaranTarball | null;
}

export interface CollectedSpark {
  readonly spark: SparkPlan;
  readonly archive: Uint8Array;
}

/** @throws PACKAGE_SPARK, PACKAGE_DEPENDENCY, what opening the target and planning a batch job throw */
export async function collectSpark(asked: SparkAsked): Promise<CollectedSpark> {
  const { target, plan, bytes, tarball, methods } = asked;
  if (!plan.isWhole) throw trimaranError("PACKAGE_SPARK", { problem: "its model stays behind a URI" });
  const service = await openService(target, asked.service);
  try {
    const score = await scorePlan(service, methods);
    const { derive, where } = score;
    const named = score.write.flatMap(({ name, source }) =>
      source.kind === "row" ? [source.column] : source.kind === "id" ? [name] : [],
    );
    const truth = score.truth === null ? [] : [score.truth];
    const columns = score.input === null ? null : [...new Set([...Object.keys(score.input), ...named, ...truth])];
    const spark: SparkPlan = {
      name: score.name,
      trimaran: plan.trimaran.version,
      platform: ownPlatform,
      target: plan.target,
      arguments: [
        ...plan.serveArguments,
        ...(methods.length === 0 ? [] : ["--method", methods.join(",")]),
        ...(asked.arguments ?? []),
      ],
      environment: plan.environment,
      columns,
      sql: [...Object.values(derive), where ?? ""].join("\n"),
      models: service.models.map(({ name, uri, version, digest }) => ({ name, uri, version, digest })),
      definitionDigest: service.definitionDigest,
    };
    return { spark, archive: await sparkArchive({ plan, bytes, tarball }) };
  } finally {
    await service.close();
  }
}
