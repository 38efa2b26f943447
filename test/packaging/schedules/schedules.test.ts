// What schedules are written of, read by what reads them: sh, systemd, Kubernetes' own schemas, Python and Airflow.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { Cron } from "croner";
import { parse } from "yaml";
import { makePythonEnvironment } from "../../../scripts/python-environment.ts";
import { calendarEvents, parseCron } from "../../../src/packaging/schedules/cron-fields.ts";
import { packagedFiles } from "../../../src/packaging/targets.ts";
import {
  airflowPins,
  fieldsOf,
  hostileInput,
  hostileTarget,
  planOf,
  putProgram,
  scratch,
  writeFiles,
} from "./schedule-fixture.ts";

const hasSystemd = spawnSync("systemd-analyze", ["calendar", "daily"]).status === 0;
const noSystemd = hasSystemd ? false : "systemd-analyze is not here";

/** What stands behind `score`, for a target below `folder`. */
const words = (folder: string, ...period: readonly string[]): readonly string[] => [
  "score",
  `${folder}/${hostileTarget}`,
  "--model",
  "models:/it's@champion",
  "--input",
  hostileInput,
  "--input",
  "s3://trips/{year}/{month}/*.parquet",
  "--output",
  "/data/out/year={year}/month={month}/",
  ...period,
];

describe("a schedule of five fields", () => {
  test("is taken apart into values, with names, ranges, lists and steps", () => {
    assert.deepEqual(fieldsOf("0 3 2 * *"), { minutes: [0], hours: [3], days: [2], months: null, weekdays: null });
    assert.deepEqual(fieldsOf("*/20 8-18/5 * jan,MAR-may sun,5-7"), {
      minutes: [0, 20, 40],
      hours: [8, 13, 18],
      days: null,
      months: [1, 3, 4, 5],
      weekdays: [0, 5, 6],
    });
  });

  test("is refused where one scheduler reads it otherwise, or none reads it", () => {
    const wrong = ["", "@monthly", "0 3 2 *", "0 0 3 2 * *", "60 3 2 * *", "0 24 2 * *", "0 3 0 * *", "0 3 L * *"];
    const more = [
      "0 3 ? * *",
      "0 3 2 13 *",
      "0 3 2 * 8",
      "5-1 * * * *",
      "*/0 * * * *",
      "5/2 * * * *",
      "0 3 */2 * 1",
      "0 3 1,*/2 * 1",
      "a * * * *",
      "1,,2 * * * *",
      "0 3 2 * MON#1",
      "0 3 15W * *",
      "-1 * * * *",
    ];
    for (const text of [...wrong, ...more]) assert.equal(typeof parseCron(text), "string", text);
  });

  test("comes at the same times for systemd as for croner", { skip: noSystemd }, () => {
    const crons = [
      "0 3 2 * *",
      "*/15 * * * *",
      "5 0-6/2 * 1,7 *",
      "30 4 1,15 * 5",
      "0 22 * * 1-5",
      "0 0 29 2 *",
      "17 */5 * * SUN,2",
      "59 23 31 12 *",
    ];
    for (const cron of crons) {
      const from = "2026-11-23 02:17:00 UTC";
      const events = calendarEvents(fieldsOf(cron), "UTC");
      const told = events.flatMap((event) => {
        const out = execFileSync("systemd-analyze", ["calendar", "--iterations=6", `--base-time=${from}`, event], {
          env: { ...process.env, TZ: "UTC", LC_ALL: "C" },
        }).toString();
        return [...out.matchAll(/(?:Next elapse|Iter(?:ation|\.) #\d+|\(in UTC\)): \w+ (\S+) (\S+) UTC/g)].map(
          ([, day, time]) => `${day}T${time}.000Z`,
        );
      });
      const times = [...new Set(told)].sort().slice(0, 6);
      const runs = new Cron(cron, { mode: "5-part", timezone: "UTC", paused: true }).nextRuns(
        6,
        new Date("2026-11-23T02:17:00Z"),
      );
      assert.deepEqual(
        times,
        runs.map((run) => run.toISOString()),
        cron,
      );
    }
  });
});

describe("cron", () => {
  test("its line has five fields and a path without signs of its own", () => {
    const text = String(packagedFiles(planOf(), ["cron"])["ride-duration-score.crontab"]);
    assert.match(text, /^0 3 2 \* \* \/bin\/sh \/opt\/ride\/score\.sh 2>&1 \| logger -t ride-duration-score$/m);
    assert.match(text, /^CRON_TZ=UTC$/m);
  });

  test("its script hands over every sign, tries again what failed for now, and nothing else", () => {
    const cases: readonly (readonly [readonly number[], number, number])[] = [
      [[0], 0, 1],
      [[1, 0], 1, 1],
      [[75, 75, 0], 0, 3],
      [[75, 75, 75, 75, 75, 75, 0], 75, 6],
      [[130, 0], 130, 1],
    ];
    for (const [codes, expected, calls] of cases) {
      using folder = scratch();
      putProgram(folder.path);
      writeFiles(folder.path, planOf({ place: folder.path }), ["cron"]);
      writeFileSync(join(folder.path, "codes"), codes.join("\n"));
      writeFileSync(join(folder.path, "environment"), "KEY='a b'\n");
      const { status } = spawnSync("/bin/sh", [join(folder.path, "score.sh")], {
        env: { PATH: process.env["PATH"], RETRY_SECONDS: "0" },
      });
      assert.equal(status, expected, codes.join());
      const once = `${[...words("app", "--period", "last-month"), "KEY=a b app/models/model/it's 100%$HOME.bin"].join("\n")}\n`;
      assert.equal(readFileSync(join(folder.path, "calls"), "utf8"), once.repeat(calls));
    }
  });
});

describe("systemd", () => {
  test("takes the units, and reads the words of the command as they are", { skip: noSystemd }, () => {
    using folder = scratch();
    putProgram(folder.path);
    writeFiles(folder.path, planOf({ place: folder.path, timeZone: "Europe/Berlin", cron: "30 4 1 * 5" }), ["systemd"]);
    const units = ["timer", "service"].map((kind) => join(folder.path, `ride-duration-score.${kind}`));
    const { status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...units]);
    assert.equal(`${stdout}${stderr}`, "");
    assert.equal(status, 0);
    const service = readFileSync(units[1] ?? "", "utf8");
    assert.match(service, /"\/data\/it's \\"a\\" 100%%\$\$HOME \$\$\(id\) `id` \\\\n\{year\}-\{month\} é\.parquet"/);
    assert.match(service, /^ReadWritePaths=-\/data\/out$/m);
    assert.match(service, /^Environment="MODEL_URI=\/.*\/app\/models\/model\/it's 100%%\$HOME\.bin"$/m);
    const timer = readFileSync(units[0] ?? "", "utf8");
    assert.deepEqual(timer.match(/^OnCalendar=.*$/gm), [
      "OnCalendar=*-*-01 04:30:00 Europe/Berlin",
      "OnCalendar=Fri *-*-* 04:30:00 Europe/Berlin",
    ]);
  });
});

interface Pod {
  readonly restartPolicy: string;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [{ readonly args: readonly string[]; readonly securityContext: unknown }];
}

describe("kubernetes", () => {
  const files = packagedFiles(planOf({ timeZone: "Europe/Berlin" }), ["kubernetes"]);

  test("a CronJob runs once at a time, not as root, and is tried again only where that may help", () => {
    const { spec } = parse(String(files["cronjob.yaml"])) as { spec: Record<string, unknown> };
    assert.equal(spec["schedule"], "0 3 2 * *");
    assert.equal(spec["timeZone"], "Europe/Berlin");
    assert.equal(spec["concurrencyPolicy"], "Forbid");
    const job = (spec["jobTemplate"] as { spec: { podFailurePolicy: { rules: unknown[] }; template: { spec: Pod } } })
      .spec;
    assert.deepEqual(job.podFailurePolicy.rules[1], {
      action: "FailJob",
      onExitCodes: { containerName: "score", operator: "In", values: [1, 2] },
    });
    const pod = job.template.spec;
    assert.equal(pod.restartPolicy, "Never");
    assert.equal(pod.securityContext["runAsNonRoot"], true);
    const [container] = pod.containers;
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    const escaped = words("/app/deployment", "--period", "last-month").map((word) => word.replaceAll("$(", "$$$$("));
    assert.deepEqual(container.args, escaped);
  });

  test("a Job of indexes has one a share of the months, with retries of its own", () => {
    const { spec } = parse(String(files["backfill-job.yaml"])) as {
      spec: Record<string, unknown> & { template: { spec: Pod } };
    };
    assert.deepEqual([spec["completionMode"], spec["completions"], spec["parallelism"]], ["Indexed", 4, 4]);
    const { args } = spec.template.spec.containers[0];
    assert.deepEqual(args.slice(-4), ["--backfill", "2021-03..2022-04", "--shards", "4"]);
    assert.equal("backfill-job.yaml" in packagedFiles(planOf({ backfill: null }), ["kubernetes"]), false);
  });

  test("its own schemas take the manifests, and miss nothing in them", async (t) => {
    const pins = { name: "kubernetes-validate", python: "3.11", pins: ["kubernetes-validate==1.37.0"] };
    const python = await makePythonEnvironment(pins).catch((error: Error) => error);
    if (python instanceof Error)
      return t.skip(`kubernetes-validate cannot be installed: ${python.message.slice(0, 80)}`);
    using folder = scratch();
    writeFiles(folder.path, planOf(), ["kubernetes"]);
    const script = `
import sys, yaml, kubernetes_validate
for name in sys.argv[1:]:
    kubernetes_validate.validate(yaml.safe_load(open(name)), "1.33", strict=True)
`;
    const names = ["cronjob.yaml", "backfill-job.yaml"].map((name) => join(folder.path, name));
    const { status, stderr } = spawnSync(python, ["-c", script, ...names]);
    assert.equal(status, 0, String(stderr));
    // A schema that took everything would prove nothing.
    const wrong = join(folder.path, "wrong.yaml");
    writeFileSync(wrong, readFileSync(names[0] ?? "", "utf8").replace("concurrencyPolicy", "concurencyPolicy"));
    assert.notEqual(spawnSync(python, ["-c", script, wrong]).status, 0);
  });
});

const airflow = await makePythonEnvironment(airflowPins).catch(() => undefined);
const hasPython = spawnSync("python3", ["--version"]).status === 0;

describe("airflow", () => {
  test("its DAG is sound Python, with every word of the command", {
    skip: hasPython ? false : "python3 is not here",
  }, () => {
    const text = String(packagedFiles(planOf(), ["airflow"])["ride_duration_score_dag.py"]);
    const script = `
import ast, json, sys
tree = ast.parse(sys.stdin.read())
print(json.dumps([ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign) and node.targets[0].id == "COMMAND"][0]))
`;
    const printed = execFileSync("python3", ["-c", script], { input: text });
    assert.deepEqual(JSON.parse(String(printed)), ["/opt/ride/node_modules/.bin/trimaran", ...words("/opt/ride/app")]);
  });

  test("loads the DAG, and the task succeeds, fails for good or is tried again by the exit code", {
    skip: airflow === undefined ? `${airflowPins.pins[0]} cannot be installed` : false,
  }, () => {
    using folder = scratch();
    putProgram(folder.path);
    writeFiles(folder.path, planOf({ place: folder.path }), ["airflow"]);
    writeFileSync(join(folder.path, "codes"), "0\n1\n75\n");
    const script = `
import sys, pendulum
from airflow.exceptions import AirflowException, AirflowFailException
from airflow.models import DagBag
bag = DagBag(dag_folder=sys.argv[1], include_examples=False)
assert bag.import_errors == {}, bag.import_errors
task = bag.dags["ride_duration_score"].get_task("score")
def run():
    try:
        task.python_callable(data_interval_end=pendulum.datetime(2021, 4, 2, 3))
        return "done"
    except AirflowFailException:
        return "failed"
    except AirflowException:
        return "again"
print([run(), run(), run()])
`;
    const file = join(folder.path, "ride_duration_score_dag.py");
    const env = { ...process.env, AIRFLOW_HOME: folder.path, AIRFLOW__CORE__LOAD_EXAMPLES: "False" };
    const { stdout, stderr } = spawnSync(airflow ?? "", ["-c", script, file], { env });
    assert.match(String(stdout), /\['done', 'failed', 'again'\]/, String(stderr).slice(-2000));
    const once = [
      ...words(`${folder.path}/app`, "--period", "last-month", "--run-date", "2021-04-02"),
      `KEY= ${folder.path}/app/models/model/it's 100%$HOME.bin`,
    ];
    assert.equal(readFileSync(join(folder.path, "calls"), "utf8"), `${once.join("\n")}\n`.repeat(3));
  });
});
