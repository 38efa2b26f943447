// `trimaran score --backfill`: periods one by one and at once, resumed, left where they are done, and told at the end.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { periodRange } from "../../../../src/doors/batch/periods/period-range.ts";
import { courseBatch, makeRides, type Rides, ridesSql } from "../rides.ts";

const range = (text: string, ...urls: string[]): readonly string[] => periodRange(text, urls).map(({ name }) => name);

describe("periods of a range", () => {
  test("are days, months or years, as the places of the URLs are; both ends are included", () => {
    assert.deepEqual(range("2020-11..2021-02", "{year}-{month}"), ["2020-11", "2020-12", "2021-01", "2021-02"]);
    assert.deepEqual(range("2020-02-28..2020-03-01", "{year}/{month}/{day}"), [
      "2020-02-28",
      "2020-02-29",
      "2020-03-01",
    ]);
    assert.deepEqual(range("2021-02", "{period}/{day}").length, 28);
    assert.deepEqual(range("2020..2021", "year={year}"), ["2020", "2021"]);
    assert.equal(range("2020..2021", "{year}", "{month}").length, 24);
    assert.deepEqual(range("2021-03..2021-04", "{period}"), ["2021-03", "2021-04"]);
    assert.deepEqual(range("2021-12-31..2022-01-01", "{period}"), ["2021-12-31", "2022-01-01"]);
    assert.deepEqual(range("2021", "{period}"), ["2021"]);
    assert.deepEqual(range("2021..2021-02", "{period}"), ["2021-01", "2021-02"]);
  });

  test("that are none are refused", () => {
    for (const text of [
      "2021-03..2021-02",
      "2021-13",
      "2021-02-30",
      "a..b",
      "2021..2022..2023",
      "",
      "..",
      "2021-03..",
      "0001..9999",
    ]) {
      assert.throws(
        () => range(text, "{period}", text.startsWith("0001") ? "{day}" : ""),
        { code: "BATCH_PERIOD" },
        text,
      );
    }
    assert.throws(() => range("2021-03-01..2021-03-02", "{year}-{month}"), { code: "BATCH_PERIOD" });
  });
});

interface Months extends AsyncDisposable {
  readonly rides: Rides;
  readonly args: readonly string[];
  readonly definition: string;
  /** Outcomes by period, and the exit code. */
  backfill(...more: string[]): Promise<{
    readonly code: number | null;
    readonly outcomes: Readonly<Record<string, string>>;
    readonly json: Told;
  }>;
}

interface Told {
  readonly periods: readonly {
    readonly period: string;
    readonly outcome: string;
    readonly why: string;
    readonly state: string | null;
    readonly shards?: { readonly kept: number; readonly total: number };
    readonly error?: { readonly code: string };
  }[];
  readonly failed: number;
}

async function months(count = 4): Promise<Months> {
  const rides = await makeRides();
  for (let month = 1; month <= count; month++) {
    await rides.copy(ridesSql(month * 1000, month * 1000 + 700), `in/2021-0${month}.parquet`);
  }
  const definition = await rides.definition(courseBatch);
  const args = [definition, "-i", "in/{year}-{month}.parquet", "-o", "out/year={year}/month={month}/"];
  return {
    rides,
    args,
    definition,
    async backfill(...more) {
      const ran = await rides.run([...args, "--json", ...more]);
      const json = JSON.parse(ran.stdout || "{}") as Told;
      const outcomes = Object.fromEntries((json.periods ?? []).map(({ period, outcome }) => [period, outcome]));
      return { code: ran.code, outcomes, json };
    },
    [Symbol.asyncDispose]: () => rides[Symbol.asyncDispose](),
  };
}

describe("trimaran score --backfill", () => {
  test("scores each period as it would be alone, leaves what is done, and runs what is new or changed", async () => {
    await using all = await months();
    const { rides, args, backfill } = all;
    const first = await backfill("--backfill", "2021-01..2021-03", "--parallel", "2");
    assert.equal(first.code, 0);
    assert.deepEqual(first.outcomes, { "2021-01": "scored", "2021-02": "scored", "2021-03": "scored" });
    const alone = await rides.run([...args.slice(0, 3), "-o", "alone/{month}/", "--period", "2021-02"]);
    assert.equal(alone.code, 0, alone.stderr);
    const file = rides.at("out/year=2021/month=02/predictions.parquet");
    assert.deepEqual(await readFile(file), await readFile(rides.at("alone/02/predictions.parquet")));
    const before = (await stat(file)).mtimeMs;
    await rides.copy(ridesSql(5, 900), "in/2021-03.parquet");
    const second = await backfill("--backfill", "2021-01..2021-04");
    assert.deepEqual(second.outcomes, {
      "2021-01": "skipped",
      "2021-02": "skipped",
      "2021-03": "scored",
      "2021-04": "scored",
    });
    assert.equal((await stat(file)).mtimeMs, before);
    assert.equal(second.json.periods[2]?.state, "changed");
    // Another definition changes them all.
    await writeFile(all.definition, (await readFile(all.definition, "utf8")).replace("1 AND 60", "1 AND 30"));
    const planned = await backfill("--backfill", "2021-01..2021-04", "--dry-run");
    assert.deepEqual(
      planned.json.periods.map(({ state, why }) => [state, why]),
      Array(4).fill(["changed", "the definition changed"]),
    );
    const third = await backfill("--backfill", "2021-01..2021-02", "--since", "manifest");
    assert.deepEqual(third.outcomes, { "2021-01": "scored", "2021-02": "scored" });
    const forced = await backfill("--backfill", "2021-01..2021-02", "--since", "nothing");
    assert.deepEqual(forced.outcomes, { "2021-01": "scored", "2021-02": "scored" });
  });

  test("goes on when a period fails, says so in its table, and does the rest when the cause is gone", async () => {
    await using all = await months();
    const { rides, args, backfill } = all;
    await rm(rides.at("in/2021-02.parquet"));
    await writeFile(rides.at("in/2021-03.parquet"), "no Parquet");
    const ran = await rides.run([...args, "--backfill", "2021-01..2021-04", "--parallel", "3"]);
    assert.equal(ran.code, 1);
    const lines = ran.stdout.trim().split("\n");
    assert.equal(lines.length, 5);
    assert.match(lines[0] ?? "", /^period\s+outcome\s+rows\s+rejected\s+seconds\s+why$/);
    assert.match(lines[1] ?? "", /^2021-01\s+scored\s+700\s+0\s/);
    assert.match(lines[2] ?? "", /^2021-02\s+failed\s+BATCH_INPUT: /);
    assert.match(lines[3] ?? "", /^2021-03\s+failed\s+TABLE_READ: /);
    assert.match(lines[4] ?? "", /^2021-04\s+scored\s+700\s+0\s/);
    assert.ok(!existsSync(rides.at("out/year=2021/month=02/predictions.parquet")));
    await rides.copy(ridesSql(2000, 2700), "in/2021-02.parquet");
    await rides.copy(ridesSql(3000, 3700), "in/2021-03.parquet");
    const again = await backfill("--backfill", "2021-01..2021-04");
    assert.equal(again.code, 0);
    assert.deepEqual(again.outcomes, {
      "2021-01": "skipped",
      "2021-02": "scored",
      "2021-03": "scored",
      "2021-04": "skipped",
    });
  });

  test("ends with 75 where waiting may mend all that failed: a period that another run writes", async () => {
    await using all = await months(2);
    const { rides, args, backfill } = all;
    const { tryFileLock } = await import("../../../../src/io/file-lock.ts");
    const { mkdir } = await import("node:fs/promises");
    await mkdir(rides.at("out/year=2021/month=02/_trimaran"), { recursive: true });
    const lock = await tryFileLock(rides.at("out/year=2021/month=02/_trimaran/lock"));
    const ran = await backfill("--backfill", "2021-01..2021-02");
    await lock?.release();
    assert.equal(ran.code, 75);
    assert.deepEqual(ran.outcomes, { "2021-01": "scored", "2021-02": "failed" });
    assert.equal(ran.json.periods[1]?.error?.code, "BATCH_BUSY");
    const table = await rides.run([...args, "--backfill", "2021-01..2021-02", "--dry-run"]);
    assert.match(table.stdout, /^2021-01\s+done\s+1\s+published by run [0-9a-f]{12}/m);
    assert.match(table.stdout, /^2021-02\s+new\s+1\s+nothing is published here/m);
  });

  test("goes on after kill -9 and after Ctrl-C, and gives the same bytes", async () => {
    await using all = await months();
    const { rides, args, backfill } = all;
    const undisturbed = await rides.run([
      ...args.slice(0, 3),
      "-o",
      "good/{period}/",
      "--backfill",
      "2021-01..2021-04",
    ]);
    assert.equal(undisturbed.code, 0, undisturbed.stderr);
    for (const [signal, code] of [
      ["SIGKILL", null],
      ["SIGINT", 130],
    ] as const) {
      await rm(rides.at("out"), { recursive: true, force: true });
      const child = rides.start([...args, "--backfill", "2021-01..2021-04", "--json"]);
      while (!existsSync(rides.at("out/year=2021/month=01/_trimaran/manifest.json")) && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      child.kill(signal);
      const ended = await new Promise<number | null>((resolve) => {
        if (child.exitCode !== null) resolve(child.exitCode);
        else child.once("exit", resolve);
      });
      // A fast machine may be done before the signal comes.
      assert.ok(ended === code || ended === 0, String(ended));
      const ran = await backfill("--backfill", "2021-01..2021-04", "--parallel", "4");
      assert.equal(ran.code, 0);
      assert.equal(ran.outcomes["2021-01"], "skipped");
      for (const month of ["01", "02", "03", "04"]) {
        assert.deepEqual(
          await readFile(rides.at(`out/year=2021/month=${month}/predictions.parquet`)),
          await readFile(rides.at(`good/2021-${month}/predictions.parquet`)),
        );
      }
    }
  });

  test("what does not fit together is wrong usage", async () => {
    await using all = await months(1);
    const { rides, args } = all;
    const usage = async (...given: string[]): Promise<readonly [number | null, string]> => {
      const ran = await rides.run([...given, "--json"]);
      return [ran.code, JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "{}").error?.code];
    };
    assert.deepEqual(await usage(...args, "--parallel", "2"), [2, "USAGE_INVALID"]);
    assert.deepEqual(await usage(...args, "--backfill", "2021-01", "--period", "2021-01"), [2, "USAGE_INVALID"]);
    assert.deepEqual(await usage(...args.slice(0, 3), "-o", "one.parquet", "--backfill", "2021-01..2021-02"), [
      2,
      "USAGE_INVALID",
    ]);
    assert.deepEqual(await usage(...args, "--backfill", "2021-02..2021-01"), [1, "BATCH_PERIOD"]);
    assert.deepEqual(await usage(...args, "--since", "yesterday", "--backfill", "2021-01"), [2, "USAGE_INVALID"]);
  });
});

test("--since manifest leaves a single output that was made of the same things", async () => {
  await using all = await months(1);
  const { rides, args } = all;
  const ask = async (...more: string[]): Promise<Record<string, unknown>> => {
    const ran = await rides.run([...args, "--period", "2021-01", "--json", ...more]);
    assert.equal(ran.code, 0, ran.stderr);
    return JSON.parse(ran.stdout);
  };
  assert.equal((await ask("--since", "manifest"))["state"], undefined);
  assert.equal((await ask("--since", "manifest"))["state"], "done");
  assert.equal((await ask())["state"], undefined);
});
