// What `--for` takes: one row a target, with the files that it adds to the folder. Only what works is listed.
import { composeText } from "./container/compose.ts";
import { contextReadme } from "./container/context-readme.ts";
import { dockerfile, dockerignore } from "./container/dockerfile.ts";
import { handlerText } from "./lambda/handler.ts";
import { lambdaDockerfile, lambdaDockerfileName, lambdaDockerignore } from "./lambda/lambda-dockerfile.ts";
import { lambdaReadme } from "./lambda/lambda-readme.ts";
import { samTemplate } from "./lambda/sam-template.ts";
import { npmFiles } from "./lock-file.ts";
import type { PackagedFile, PackagedFiles, PackagePlan } from "./package-plan.ts";
import { scheduleFiles } from "./schedules/schedule-files.ts";
import type { ScheduleTarget } from "./schedules/schedule-readme.ts";
import { scoreJob } from "./spark/score-job.ts";
import { archiveName } from "./spark/spark-plan.ts";
import { sparkReadme } from "./spark/spark-readme.ts";

export type PackageTarget = "docker" | "compose" | "lambda" | "spark" | ScheduleTarget;

interface TargetRow {
  readonly says: string;
  /** Targets whose files it needs beside its own. */
  readonly needs: readonly PackageTarget[];
  /** `all`: every target of the folder. */
  readonly files: (plan: PackagePlan, all: ReadonlySet<PackageTarget>) => PackagedFiles;
}

export const packageTargets: { readonly [T in PackageTarget]: TargetRow } = {
  docker: {
    says: "a build context for an image of the web service",
    needs: [],
    files: (plan, all) => ({
      ...npmFiles(plan),
      Dockerfile: dockerfile(plan),
      ".dockerignore": dockerignore(plan),
      "README.md": contextReadme(plan, { compose: all.has("compose") }),
      ...bytesOf(plan),
    }),
  },
  compose: {
    says: "the same with a compose.yaml: health, limits, a read-only root",
    needs: ["docker"],
    files: (plan) => ({ "compose.yaml": composeText(plan) }),
  },
  lambda: {
    says: "an AWS Lambda function for a Kinesis stream: a handler, an image, a SAM template",
    needs: [],
    files: (plan) => ({
      ...npmFiles(plan),
      "handler.mjs": handlerText(plan),
      [lambdaDockerfileName]: lambdaDockerfile(plan),
      [`${lambdaDockerfileName}.dockerignore`]: lambdaDockerignore(plan),
      "template.yaml": samTemplate(plan),
      "LAMBDA.md": lambdaReadme(plan),
      ...bytesOf(plan),
    }),
  },
  spark: {
    says: "a job for Apache Spark: a PySpark program, and an archive with all that its workers need",
    needs: [],
    files: ({ spark }): PackagedFiles =>
      spark === undefined
        ? {}
        : {
            "score_job.py": scoreJob(spark),
            "SPARK.md": sparkReadme(spark),
            [archiveName(spark)]: { bytes: archiveName(spark) },
          },
  },
  cron: scheduleRow("cron", "a crontab for `trimaran score`, and the script that it calls"),
  systemd: scheduleRow("systemd", "a timer and a service of systemd for `trimaran score`"),
  kubernetes: {
    ...scheduleRow(
      "kubernetes",
      "a CronJob for `trimaran score`, with --backfill a Job of indexes, and the image they run",
    ),
    needs: ["docker"],
  },
  airflow: scheduleRow("airflow", "a DAG of Airflow's for `trimaran score`"),
};

function scheduleRow(target: ScheduleTarget, says: string): TargetRow {
  return {
    says,
    needs: [],
    files: (plan, all) => {
      const { score } = plan;
      if (score === undefined || score === null) throw new TypeError("a schedule without what is scored");
      return { ...npmFiles(plan), ...scheduleFiles({ ...plan, score }, target, all), ...bytesOf(plan) };
    },
  };
}

export const packageTargetNames: readonly PackageTarget[] = Object.keys(packageTargets) as PackageTarget[];

export function isPackageTarget(name: string): name is PackageTarget {
  return Object.hasOwn(packageTargets, name);
}

/** Every file of the folder, sorted by path. */
export function packagedFiles(plan: PackagePlan, wanted: readonly PackageTarget[]): PackagedFiles {
  const all = new Set<PackageTarget>();
  const add = (target: PackageTarget): void => {
    for (const needed of packageTargets[target].needs) add(needed);
    all.add(target);
  };
  for (const target of wanted) add(target);
  const files = [...all].flatMap((target) => Object.entries(packageTargets[target].files(plan, all)));
  return Object.fromEntries(files.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function bytesOf({ files, trimaran }: PackagePlan): PackagedFiles {
  const app = Object.entries(files).map(([path, bytes]): [string, PackagedFile] => [`app/${path}`, { bytes }]);
  const tarball: PackagedFiles = trimaran.tarball === null ? {} : { [trimaran.tarball]: { bytes: trimaran.tarball } };
  return { ...tarball, ...Object.fromEntries(app) };
}
