// A CronJob that scores on a schedule, and a Job of indexes that scores many periods once. YAML is written by hand: every text is a
// JSON string.
import { imageUser } from "../container/dockerfile.ts";
import { isLocal, monthlyPeriod, type ScheduledPlan, scoreArguments, unitName } from "./score-schedule.ts";

/** Where local inputs and outputs lie in a container: one volume. */
export const dataFolder = "/data";

export function cronJobText(plan: ScheduledPlan): string {
  const { score } = plan;
  const unit = unitName(plan);
  return `# Written by \`trimaran package\`: kubectl apply -f cronjob.yaml
${claimText(plan)}apiVersion: batch/v1
kind: CronJob
metadata:
  name: ${text(unit)}
  labels:
    app.kubernetes.io/name: ${text(unit)}
spec:
  schedule: ${text(score.cron)}
  timeZone: ${text(score.timeZone)}
  # A run that takes longer than it should is not overtaken, and one that was missed is made up for within a day.
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 86400
  successfulJobsHistoryLimit: 3
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      # What failed for now (exit code 75) is tried again, each time a little later; what a retry does not help ends the job.
      backoffLimit: 6
      podFailurePolicy:
        rules:
${failurePolicy("FailJob", 10)}
      template:
${podTemplate(plan, { indent: 8, period: monthlyPeriod(score) })}`;
}

export function indexedJobText(plan: ScheduledPlan): string {
  const { score } = plan;
  const { range, shards } = score.backfill ?? { range: "", shards: 1 };
  const unit = `${unitName(plan)}-backfill`;
  const period = ["--backfill", range, "--shards", String(shards)];
  return `# Written by \`trimaran package\`: kubectl create -f backfill-job.yaml
# Index i of ${shards} scores its share of the months ${range}; one that is killed goes on where it stopped.
${claimText(plan)}apiVersion: batch/v1
kind: Job
metadata:
  name: ${text(unit)}
  labels:
    app.kubernetes.io/name: ${text(unit)}
spec:
  completionMode: Indexed
  completions: ${shards}
  parallelism: ${Math.min(shards, 8)}
  # Each index has retries of its own, and one that fails for good does not end the others (Kubernetes 1.33).
  backoffLimitPerIndex: 6
  podFailurePolicy:
    rules:
${failurePolicy("FailIndex", 6)}
  template:
${podTemplate(plan, { indent: 4, period })}`;
}

/** The first rule that fits decides. A pod that a node took down is no failure of ours; any other exit code counts. */
function failurePolicy(action: "FailJob" | "FailIndex", indent: number): string {
  return indented(
    `- action: Ignore
  onPodConditions:
    - type: DisruptionTarget
      status: "True"
- action: ${action}
  onExitCodes:
    containerName: score
    operator: In
    values: [1, 2]`,
    indent,
  );
}

interface PodOptions {
  readonly indent: number;
  readonly period: readonly string[];
}

function podTemplate(plan: ScheduledPlan, { indent, period }: PodOptions): string {
  const unit = unitName(plan);
  const words = scoreArguments(plan, { folder: "/app/deployment", period });
  const claim = needsVolume(plan);
  return `${indented(
    `metadata:
  labels:
    app.kubernetes.io/name: ${text(unit)}
spec:
  # A policy for failures asks for it; the Job makes new pods.
  restartPolicy: Never
  # Nothing here speaks to the cluster.
  automountServiceAccountToken: false
  terminationGracePeriodSeconds: 60
  securityContext:
    runAsNonRoot: true
    runAsUser: ${imageUser}
    runAsGroup: ${imageUser}
    fsGroup: ${imageUser}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: score
      image: ${text(`${plan.image}:v1`)}
      args:
${words.map((word) => `        - ${kubernetesText(word)}`).join("\n")}
      env:
        - name: TRIMARAN_HOME
          value: /tmp/trimaran
        - name: TMPDIR
          value: /tmp
      # Keys and addresses, where there are any: AWS_ACCESS_KEY_ID, MLFLOW_TRACKING_URI, PGPASSWORD.
      envFrom:
        - secretRef:
            name: ${text(unit)}
            optional: true
      resources:
        requests:
          cpu: "1"
          memory: 1Gi
        limits:
          memory: 1Gi
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      volumeMounts:
        - name: scratch
          mountPath: /tmp${claim ? `\n        - name: data\n          mountPath: ${dataFolder}` : ""}
  volumes:
    # Shards on their way to a remote output, and what does not fit into memory.
    - name: scratch
      emptyDir: {}${claim ? `\n    - name: data\n      persistentVolumeClaim:\n        claimName: ${text(`${unit}-data`)}` : ""}`,
    indent,
  )}\n`;
}

function needsVolume({ score }: ScheduledPlan): boolean {
  return [...score.inputs, score.output].some(isLocal);
}

function claimText(plan: ScheduledPlan): string {
  if (!needsVolume(plan)) return "";
  return `# What lies below ${dataFolder} is read from the claim ${unitName(plan)}-data, which is yours to make.\n`;
}

function text(value: string): string {
  return JSON.stringify(value);
}

/** In arguments $(NAME) stands for a variable. */
function kubernetesText(word: string): string {
  return text(word.replaceAll("$(", "$$$$("));
}

function indented(block: string, by: number): string {
  return block.replaceAll(/^(?=.)/gm, " ".repeat(by));
}
