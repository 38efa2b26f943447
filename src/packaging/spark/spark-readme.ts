// SPARK.md: how the job is submitted, and what it leaves.
import { archiveName, type SparkPlan } from "./spark-plan.ts";

export function sparkReadme(plan: SparkPlan): string {
  const archive = archiveName(plan);
  const name = archive.replace(/\.tar\.gz$/, "");
  return `# ${plan.name} on Apache Spark

\`${archive}\` holds Node, Trimaran ${plan.trimaran}, the definition and the model: executors need no network and no Node.
It runs on ${plan.platform}. For a cluster of other machines run \`trimaran package --for spark\` on one of them and give both archives,
separated by a comma.

\`\`\`sh
spark-submit --master spark://HOST:7077 \\
  --archives ${archive}#${name} \\
  score_job.py --input 'data/*.parquet' --output scored/
\`\`\`

Input is Parquet: a file, a folder that ends in \`/\`, or a pattern. \`--period 2021-03\` fills \`{period}\` of ids; \`--max-rejects 1%\`
publishes nothing when more rows are rejected. Spark 3.5 or newer, with pyarrow where Python runs.

The output folder holds \`part-*.parquet\`, and \`_SUCCESS\` once it is whole; \`_trimaran/\` holds manifest.json and \`_rejects/\`.
`;
}
