// What lies in a file store that somebody damaged or prepared: it is named and left out, and everything else is taken over.
import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { experiment, run, storeTree } from "./store-tree.ts";

const runs = [
  "POST",
  "runs/search",
  { experiment_ids: ["0", "1", "2", "3"], run_view_type: "ALL", order_by: ["run_id"] },
] as const;
const experiments = [
  "POST",
  "experiments/search",
  { max_results: 100, view_type: "ALL", order_by: ["experiment_id"] },
] as const;
const models = ["GET", "registered-models/search"] as const;

test("a file store is taken over once; what is written later is in the database alone", async () => {
  await using tree = await storeTree();
  await tree.write({ "0/meta.yaml": experiment("0"), "0/r1/meta.yaml": run("r1") });
  const before = await tree.hashes();
  const first = await tree.imported([["POST", "runs/create", { experiment_id: "0", run_name: "later" }]]);
  assert.match(first.notices.join("\n"), /was imported: 1 experiment, 1 run, 0 metric values/);
  assert.deepEqual(await tree.hashes(), before);
  await tree.write({ "0/r2/meta.yaml": run("r2") });
  const second = await tree.imported([runs]);
  assert.deepEqual(second.notices, []);
  assert.deepEqual(names(second.answers[0]).toSorted(), ["later", "name-r1"]);
});

test("a database that was made and not filled, as by a crash in the import, is filled at the next start", async () => {
  await using tree = await storeTree();
  const { openSchema } = await import("../../../src/tracking/store/schema/open-schema.ts");
  const { storePlace } = await import("../../../src/tracking/store-uri.ts");
  await (await openSchema(storePlace(tree.folder))).database.close();
  await tree.write({ "0/meta.yaml": experiment("0"), "0/r1/meta.yaml": run("r1") });
  assert.deepEqual(names((await tree.imported([runs])).answers[0]), ["name-r1"]);
});

test("identifiers and names that PyYAML writes without quotes stay texts", async () => {
  await using tree = await storeTree();
  const odd = { "12e4": "12e4", null1: "nullable", "0777": "0o17" };
  for (const [id, name] of Object.entries(odd)) {
    await tree.write({ [`0/${id}/meta.yaml`]: run(id, { run_name: name }) });
  }
  await tree.write({ "0/meta.yaml": experiment("0", { name: "5e8" }) });
  const { answers, notices } = await tree.imported([experiments, runs]);
  assert.equal(notices.length, 2, notices.join("\n"));
  assert.deepEqual(experimentNames(answers[0]), ["5e8"]);
  assert.deepEqual(names(answers[1]).toSorted(), ["0o17", "12e4", "nullable"]);
});

test("experiments whose identifiers are too long get numbers, and keep the old ones as a tag", async () => {
  await using tree = await storeTree();
  const long = "960677807045890242";
  await tree.write({
    "3/meta.yaml": experiment("3"),
    [`${long}/meta.yaml`]: experiment(long),
    [`${long}/r/meta.yaml`]: run("r"),
  });
  const { answers, notices } = await tree.imported([
    ["GET", "experiments/get?experiment_id=4"],
    ["GET", "runs/get?run_id=r"],
  ]);
  const [got, one] = answers as [
    { experiment: { name: string; tags: unknown } },
    { run: { info: { experiment_id: string } } },
  ];
  assert.equal(got.experiment.name, `e${long}`);
  assert.deepEqual(got.experiment.tags, [{ key: "trimaran.importedExperimentId", value: long }]);
  assert.equal(one.run.info.experiment_id, "4");
  assert.ok(notices.includes(`Experiment ${long} has the number 4 now.`), notices.join("\n"));
});

test("what is in the trash is deleted, and comes back with its runs", async () => {
  await using tree = await storeTree();
  await tree.write({
    "0/meta.yaml": experiment("0"),
    ".trash/1/meta.yaml": experiment("1", { name: "e0" }),
    ".trash/1/r1/meta.yaml": run("r1"),
  });
  const { answers, notices } = await tree.imported([
    ["GET", "runs/get?run_id=r1"],
    ["POST", "experiments/restore", { experiment_id: "1" }],
    ["GET", "runs/get?run_id=r1"],
    ["GET", "experiments/get?experiment_id=1"],
  ]);
  const stage = (answer: unknown): unknown =>
    (answer as { run: { info: Record<string, unknown> } }).run.info["lifecycle_stage"];
  assert.deepEqual([stage(answers[0]), stage(answers[2])], ["deleted", "active"]);
  assert.equal((answers[3] as { experiment: { name: string } }).experiment.name, "e0 (1)");
  assert.match(notices.join("\n"), /\.trash\/1: its name is taken/);
});

test("links lead nowhere: of folders, of files, and of meta.yaml", async () => {
  await using tree = await storeTree();
  const outside = join(tree.folder, "..", "outside");
  await mkdir(join(outside, "r9"), { recursive: true });
  await writeFile(join(outside, "secret"), "not yours");
  await writeFile(join(outside, "r9", "meta.yaml"), run("r9"));
  await tree.write({
    "0/meta.yaml": experiment("0"),
    "0/r1/meta.yaml": run("r1"),
    "0/r1/params/good": "1",
    "0/r2/params/p": "1",
  });
  await symlink(join(outside, "r9"), join(tree.folder, "0", "r9"));
  await symlink(join(outside, "secret"), join(tree.folder, "0", "r1", "params", "stolen"));
  await symlink(join(outside, "r9", "meta.yaml"), join(tree.folder, "0", "r2", "meta.yaml"));
  const { answers, notices } = await tree.imported([runs]);
  assert.deepEqual(names(answers[0]), ["name-r1"]);
  assert.doesNotMatch(JSON.stringify(answers), /not yours|stolen/);
  const told = notices.join("\n");
  for (const path of ["0/r9: it is a link", "0/r1/params/stolen: it is a link", "0/r2/meta.yaml: it is a link"]) {
    assert.ok(told.includes(`Not imported: ${path}.`), `${path}\n${told}`);
  }
});

test("a meta.yaml that is a bomb, no mapping, too large, nested, cut or of another is named, and what lies beside it is taken", async () => {
  await using tree = await storeTree();
  const laughs = `a: &a [x,x,x,x,x,x,x,x,x]\n${[..."bcdefghi"].map((each, at) => `${each}: &${each} [${Array(9).fill(`*${"abcdefgh"[at]}`).join(",")}]`).join("\n")}\nrun_id: *i\n`;
  const bad: Readonly<Record<string, string | Uint8Array>> = {
    bomb: laughs,
    anchor: run("anchor", { user_id: "&a me", source_name: "*a" }),
    list: "- 1\n- 2\n",
    empty: "",
    nested: `run_id: ${"[".repeat(100_000)}`,
    words: `run_id: words\n${"x: 1\n".repeat(100_000)}`,
    huge: `run_id: huge\nx: "${"y".repeat(2 << 20)}"\n`,
    latin: new Uint8Array([0x72, 0x75, 0x6e, 0x5f, 0x69, 0x64, 0x3a, 0x20, 0xff]),
    nul: run("nul", { user_id: '"a\\0b"' }).replace("me", "m\0e"),
    other: run("r1"),
    status: run("status", { status: "77" }),
    time: run("time", { start_time: "1e400" }),
    folder: run("folder").slice(0, 12),
    tagged: run("tagged", { start_time: "!!python/object/apply:os.system ['true']" }),
  };
  await tree.write({ "0/meta.yaml": experiment("0"), "0/r1/meta.yaml": run("r1"), "5/meta.yaml": experiment("6") });
  for (const [id, text] of Object.entries(bad)) await tree.write({ [`0/${id}/meta.yaml`]: text });
  const before = await tree.hashes();
  const { answers, notices } = await tree.imported([runs, experiments]);
  assert.deepEqual(
    names(answers[0]).filter((name) => name !== "name-tagged" && name !== "name-nul"),
    ["name-r1"],
  );
  const told = notices.join("\n");
  for (const id of Object.keys(bad).filter((id) => id !== "tagged")) {
    assert.ok(told.includes(`Not imported: 0/${id}: `), `${id}\n${told}`);
  }
  assert.ok(told.includes("Not imported: 5: its meta.yaml is of another experiment."), told);
  assert.deepEqual(await tree.hashes(), before);
});

test("metrics: old and new lines, values of Python, and lines that are none", async () => {
  await using tree = await storeTree();
  const lines = [
    "1 0.5",
    "2 nan 1",
    "3 -inf 2",
    "4 1e-3 3 rides abc",
    "",
    "x y z",
    "5 0x10 4",
    "6 1 9007199254740993",
    "7 2.5 -1",
  ];
  await tree.write({
    "0/meta.yaml": experiment("0"),
    "0/r1/meta.yaml": run("r1"),
    "0/r1/metrics/a/b": lines.join("\n"),
    "0/r1/metrics/long": `1 ${"9".repeat(200_000)} 1\n`,
  });
  const { answers, notices } = await tree.imported([
    ["GET", "metrics/get-history?run_id=r1&metric_key=a/b"],
    ["GET", "runs/get?run_id=r1"],
  ]);
  const { metrics } = answers[0] as { metrics: readonly { value: unknown; step: number }[] };
  assert.deepEqual(
    metrics.map(({ value, step }) => [value, step]),
    [
      [0.5, 0],
      ["NaN", 1],
      [-Number.MAX_VALUE, 2],
      [0.001, 3],
      [2.5, -1],
    ],
  );
  const latest = (answers[1] as { run: { data: { metrics: readonly { key: string; value: number }[] } } }).run.data
    .metrics;
  assert.deepEqual(
    latest.map(({ key, value }) => [key, value]),
    [["a/b", 0.001]],
  );
  const told = notices.join("\n");
  for (const line of [6, 7, 8]) assert.ok(told.includes(`0/r1/metrics/a/b: line ${line} is no point.`), told);
  assert.ok(told.includes("0/r1/metrics/long: line 1 is "), told);
});

test("a file of garbage and names that move a cursor are told in few, plain lines", async () => {
  await using tree = await storeTree();
  await tree.write({
    "0/meta.yaml": experiment("0"),
    "0/r1/meta.yaml": run("r1"),
    "0/r1/metrics/m": `1 1 1\n${"no point\n".repeat(100_000)}2 2 2\n`,
    "0/\u001b[2Jboo/meta.yaml": "x",
    "0/r1/params/deep": "1",
  });
  const deep = join(tree.folder, "0", "r1", "params", ...Array<string>(40).fill("d"));
  await mkdir(deep, { recursive: true });
  const { notices, answers } = await tree.imported([["GET", "runs/get?run_id=r1"]]);
  assert.ok(notices.length < 40, `${notices.length}`);
  assert.ok(!notices.join("").includes("\u001b"));
  assert.match(notices.join("\n"), /from line 22 on it is not read/);
  assert.match(notices.join("\n"), /it lies more than 16 folders deep/);
  const { metrics } = (answers[0] as { run: { data: { metrics: readonly { value: number }[] } } }).run.data;
  assert.deepEqual(metrics?.map(({ value }) => value) ?? [], []);
});

test("the registry: versions without their model's word are left out, and aliases of them", async () => {
  await using tree = await storeTree();
  const version = (number: number, more = ""): string =>
    `name: m\nversion: ${number}\ncurrent_stage: None\nsource: /s\nstatus: READY\n${more}`;
  await tree.write({
    "0/meta.yaml": experiment("0"),
    "models/m/meta.yaml": "name: m\ncreation_timestamp: 5\n",
    "models/m/version-1/meta.yaml": version(1),
    "models/m/version-2/meta.yaml": version(1),
    "models/m/version-3/meta.yaml": version(3, "current_stage: Nowhere\n").replace("current_stage: None\n", ""),
    "models/m/aliases/champion": "1",
    "models/m/aliases/lost": "2",
    "models/n/meta.yaml": "name: other\n",
  });
  const { answers, notices } = await tree.imported([models]);
  const [model] = (answers[0] as { registered_models: readonly { name: string; aliases: unknown }[] })
    .registered_models;
  assert.deepEqual([model?.name, model?.aliases], ["m", [{ alias: "champion", version: "1" }]]);
  assert.equal(notices.filter((notice) => notice.startsWith("Not imported: models/")).length, 4, notices.join("\n"));
});

function names(answer: unknown): readonly string[] {
  const { runs = [] } = answer as { runs?: readonly { info: { run_name: string } }[] };
  return runs.map(({ info }) => info.run_name);
}

function experimentNames(answer: unknown): readonly string[] {
  return (answer as { experiments: readonly { name: string }[] }).experiments.map(({ name }) => name);
}
