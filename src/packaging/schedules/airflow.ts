// A DAG for Airflow 2 and 3: one task that runs the command, on the worker's machine. Python is written by hand: every text is a JSON
// string, which Python reads alike.
import { retryLater, type ScheduledPlan, scoreArguments, scoreEnvironment, unitName } from "./score-schedule.ts";

export function dagText(plan: ScheduledPlan): string {
  const { score } = plan;
  const id = unitName(plan).replaceAll("-", "_");
  const words = scoreArguments(plan, { folder: `${score.place}/app`, period: [] });
  return `# Written by \`trimaran package\`. The folder beside this file lies at ${pythonText(score.place)} on every worker.
import os
import signal
import subprocess

import pendulum
from airflow.exceptions import AirflowException, AirflowFailException

try:  # Airflow 3
    from airflow.sdk import DAG, task
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.decorators import task

PLACE = ${pythonText(score.place)}
COMMAND = [
${[`${score.place}/node_modules/.bin/trimaran`, ...words].map((word) => `    ${pythonText(word)},\n`).join("")}]
SETTINGS = {
${scoreEnvironment(plan, `${score.place}/app`)
  .map(([name, value]) => `    ${pythonText(name)}: ${pythonText(value)},\n`)
  .join("")}}
MONTHLY = ${score.isMonthly ? "True" : "False"}
ZONE = pendulum.timezone(${pythonText(score.timeZone)})

with DAG(
    dag_id=${pythonText(id)},
    description=${pythonText(`Scores ${plan.name}`)},
    schedule=${pythonText(score.cron)},
    start_date=pendulum.datetime(2021, 1, 1, tz=ZONE),
    # Months that went by are scored by \`trimaran score --backfill\`, or by a backfill of Airflow's.
    catchup=False,
    # Two runs at once would wait for one another.
    max_active_runs=1,
    default_args={"retries": 5, "retry_delay": pendulum.duration(minutes=10), "retry_exponential_backoff": True},
    tags=["trimaran"],
) as dag:

    @task(task_id="score")
    def score(**context):
        command = list(COMMAND)
        if MONTHLY:
            # The month before the day that the run is of: a run that is repeated later scores the same month.
            moment = context.get("data_interval_end") or pendulum.now(ZONE)
            command += ["--period", "last-month", "--run-date", moment.in_timezone(ZONE).to_date_string()]
        child = subprocess.Popen(command, cwd=PLACE, env={**SETTINGS, **os.environ}, start_new_session=True)
        try:
            code = child.wait()
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGTERM)
                child.wait(60)
        if code == ${retryLater}:
            raise AirflowException("failed for now; it is tried again")
        if code != 0:
            raise AirflowFailException(f"exit code {code}: a retry does not help")

    score()
`;
}

/** JSON's escapes are Python's, but for halves of surrogate pairs, which no name here holds. */
function pythonText(text: string): string {
  return JSON.stringify(text);
}
