// Damaged models of every container: each is refused by a typed error or answers rows; never a hang, a crash, a changed
// prototype or memory over the limit. Seeded; TRIMARAN_FUZZ_ROUNDS makes it longer, TRIMARAN_FUZZ_SEED another one.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../src/base/errors.ts";
import type { ModelInput } from "../../src/data/model-input.ts";
import { toBatch } from "../../src/data/to-batch.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import type { ModelSource } from "../../src/formats/read/model-source.ts";
import { readAnyModel } from "../../src/formats/read/read-model.ts";
import { type Container, mutateInside, recordedContainers } from "./containers.ts";
import { join, type Mutation, mutations, seeded } from "./mutate.ts";

const rounds = Number(process.env["TRIMARAN_FUZZ_ROUNDS"] ?? 240);
const seed = Number(process.env["TRIMARAN_FUZZ_SEED"] ?? 20_261_122);
/** Generous: the machine has others to serve. */
const maxCaseMs = 10_000;
const maxGrowthBytes = 2 ** 31;

const containers = recordedContainers();
const everything = containers.flatMap(({ files }) => files);
const prototype = fingerprint();
const startBytes = process.memoryUsage().rss;

describe("a damaged model", () => {
  test("of every container that stands is among the files", () => {
    const names = containers.map(({ name }) => name);
    for (const name of [
      "joblib",
      "joblib+bz2",
      "joblib+gzip",
      "joblib+lz4",
      "joblib+xz",
      "joblib+zlib",
      "pkl",
      "skops",
      "ubj",
      "txt",
      "model",
    ]) {
      assert.ok(names.includes(name), `${name} is not among ${names.join(", ")}`);
    }
  });

  for (const container of containers) {
    test(`(${container.name}) is refused by a typed error or answers rows`, (t) => {
      const counts = attack(container);
      t.diagnostic(`${counts.answered} answered, ${counts.refused} refused`);
      assert.ok(counts.refused > 0);
      assert.equal(fingerprint(), prototype);
    });
  }

  test("in a folder with an MLmodel is refused by a typed error or answers rows", () => {
    const choose = seeded(seed);
    const model = containers.find(({ name }) => name === "pkl")?.files[0] ?? new Uint8Array(0);
    const texts = [mlmodel, example].map((text) => new TextEncoder().encode(text));
    for (let round = 0; round < rounds; round++) {
      const files = [...texts, model].map((bytes, index) =>
        choose(3) === index ? pick(Object.values(mutations), choose)(bytes, choose, texts[choose(2)] ?? bytes) : bytes,
      );
      const named = new Map(
        ["MLmodel", "input_example.json", "model.pkl"].map((name, index) => [name, files[index] ?? model]),
      );
      answerOrRefuse({ kind: "folder", name: "folder", files: named }, `folder, round ${round}`);
    }
    assert.equal(fingerprint(), prototype);
  });

  test("leaves the memory bounded", () => {
    assert.ok(process.memoryUsage().rss - startBytes < maxGrowthBytes);
  });
});

const mlmodel = `flavors:
  sklearn: {pickled_model: model.pkl}
run_id: 0123456789abcdef
saved_input_example_info: {artifact_path: input_example.json}
signature:
  inputs: '[{"type": "double", "name": "a", "required": true}, {"type": "long", "name": "b"}]'
`;
const example = '{"columns": ["a", "b"], "data": [[1.5, 2], [null, 3]]}';

function attack({ name, files }: Container): { answered: number; refused: number } {
  const choose = seeded(seed ^ hash(name));
  const counts = { answered: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    const file = pick(files, choose);
    const other = pick(choose(2) === 0 ? files : everything, choose);
    const [how, mutation] = pick(Object.entries(mutations), choose);
    const twice: Mutation = (bytes, ...rest) => mutations["flipped"]?.(mutation(bytes, ...rest), ...rest) ?? bytes;
    const isInside = choose(2) === 0;
    const damage = choose(4) === 0 && how !== "truncated" ? twice : mutation;
    const bytes = isInside ? mutateInside(file, damage, { choose, other }) : damage(file, choose, other);
    const what = `${name}, round ${round}, ${how}${isInside ? " inside" : ""}, seed ${seed}`;
    const answered = answerOrRefuse({ kind: "file", name, bytes: join(bytes) }, what);
    counts[answered ? "answered" : "refused"]++;
  }
  return counts;
}

/** Whether it answered. */
function answerOrRefuse(source: ModelSource, what: string): boolean {
  const start = performance.now();
  try {
    const model = readAnyModel([source]);
    if (model.kind === "graph") {
      const predictor = compileGraph(model.graph);
      const { batch } = toBatch(rowsFor(predictor.input), predictor.input);
      for (const method of predictor.methods) predictor.predict(batch, { methods: [method] });
    }
    return true;
  } catch (error) {
    if (!isTrimaranError(error) || error.kind === "internal") throw new Error(what, { cause: error });
    return false;
  } finally {
    const tookMs = performance.now() - start;
    assert.ok(tookMs < maxCaseMs, `${what} took ${Math.round(tookMs)} ms`);
  }
}

/** Ordinary, missing, huge and strange values in every column. */
function rowsFor(input: ModelInput): readonly unknown[] {
  const cells = [0, 1.5, null, -1e300, "x", true, 1e-310];
  if (input.kind === "records") {
    const names = input.features.slice(0, 20).map((feature) => feature.name);
    return cells.map((cell) => Object.fromEntries(names.map((name) => [name, cell])));
  }
  return cells.map((cell) => input.columns.map(() => cell));
}

function fingerprint(): string {
  return [Object.prototype, Array.prototype, Function.prototype, Map.prototype]
    .flatMap((each) => Reflect.ownKeys(each).map(String))
    .join();
}

function pick<Item>(items: readonly Item[], choose: (count: number) => number): Item {
  return items[choose(items.length)] as Item;
}

function hash(text: string): number {
  let value = 0;
  for (const char of text) value = (Math.imul(value, 31) + char.charCodeAt(0)) | 0;
  return value;
}
