// A target → the plan of a job of Spark.
import { trimaranError } from "../../base/errors.ts";
import { scorePlan } from "../../doors/batch/score-plan.ts";
import type { PackagePlan } from "../../packaging/package-plan.ts";
import type { SparkPlan } from "../../packaging/spark/spark-plan.ts";
import { type OpenServiceOptions, openService } from "../../serving/open-service.ts";
import { ownPlatform } from "./spark-archive.ts";

export interface SparkAsked {
  readonly target: string;
  readonly service: OpenServiceOptions;
  /** Of a model alone. */
  readonly methods: readonly string[];
  /** More for our process in each worker. @default [] */
  readonly arguments?: readonly string[];
  readonly plan: PackagePlan;
}

/** @throws PACKAGE_SPARK, what opening the target and planning a batch job throw */
export async function collectSpark(asked: SparkAsked): Promise<SparkPlan> {
  const { target, plan, methods } = asked;
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
    return {
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
  } finally {
    await service.close();
  }
}
