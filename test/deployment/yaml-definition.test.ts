// `deployment.yaml`: the same definition as data, with line numbers in every complaint.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { TrimaranError } from "../../src/base/errors.ts";
import type { ResolvedDeployment } from "../../src/deployment/resolved-deployment.ts";
import { readYamlDefinition } from "../../src/deployment/yaml-definition.ts";

function read(text: string): ResolvedDeployment {
  return readYamlDefinition(text, { file: "deployment.yaml", name: "rides" });
}

function refusal(text: string): TrimaranError {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof TrimaranError, String(error));
    return error;
  }
  throw new Error("it was taken");
}

const fields = "input: { PU: integer, DO: integer, distance: number }\noutput: { duration: number }\n";

test("reads fields in short and long form", () => {
  const { input } = read(`
input:
  zone: integer
  kind: { type: category, values: [card, cash], nullable: true }
  stops: { type: list, of: { type: object, fields: { at: timestamp, note: { type: string, optional: true } } } }
  count: { type: integer, min: 1, default: 2, description: passengers }
features: { zone: zone }
output: { duration: { type: number, unit: minute } }
`);
  assert.deepEqual(input["zone"]?.spec, { kind: "integer", presence: "required", nullable: false });
  assert.deepEqual(input["count"]?.spec, {
    kind: "integer",
    min: 1,
    default: 2,
    description: "passengers",
    presence: "default",
    nullable: false,
  });
  assert.equal(input["kind"]?.spec.nullable, true);
  const stops = input["stops"]?.spec;
  assert.ok(stops?.kind === "list" && stops.of.kind === "object" && stops.of.fields["note"]?.presence === "optional");
});

test("a feature is a template, a field with its type, or a constant", () => {
  const { features, hasFeatures } = read(`${fields}features:
  PU_DO: "{PU}_{DO}"
  braces: "{{{PU}}}"
  only: "{distance}"
  distance: distance
  vendor: 2
  flag: true
  nothing: null
  word: green
  forced: { constant: distance }
`);
  assert.equal(hasFeatures, true);
  assert.deepEqual(features({ PU: 130, DO: 205, distance: 3.66 }), {
    PU_DO: "130_205",
    braces: "{130}",
    only: "3.66",
    distance: 3.66,
    vendor: 2,
    flag: true,
    nothing: null,
    word: "green",
    forced: "distance",
  });
});

test("numbers in a template print as a JavaScript template literal prints them", () => {
  const { features } = read(`${fields}features: { text: "{distance}" }`);
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (distance) => {
      assert.equal(features({ PU: 1, DO: 1, distance })["text"], `${distance}`);
    }),
  );
});

test("templates that cannot work are refused with a hint and their line", () => {
  const sentence = (feature: string): string =>
    refusal(`${fields}features:\n  x: ${feature}\n`).issues[0]?.message ?? "";
  assert.match(sentence('"{PV}_{DO}"'), /no field "PV".*\(line 4\)/);
  assert.match(sentence("distanec"), /did you mean "distance".*constant/);
  assert.match(sentence('"{PU"'), /brace/);
  assert.match(sentence('"PU}"'), /brace/);
  assert.match(sentence("[1]"), /lists and objects/);
});

test("every issue carries the line where it stands", () => {
  const error = refusal(`name: rides
input:
  zone: { type: integer, min: 3, max: 1 }
  other: { type: intger }
  third:
    type: number
    mim: 3
output:
  duration: number
postprocess: x
batch:
  were: a
`);
  assert.equal(error.code, "DEFINITION_INVALID");
  assert.deepEqual(error.issues.map(({ path, message }) => `${path} ${/\(line \d+\)$/.exec(message)?.[0]}`).sort(), [
    "/batch/were (line 12)",
    "/input/other (line 4)",
    "/input/third/mim (line 7)",
    "/input/zone/min (line 3)",
    "/postprocess (line 10)",
  ]);
  assert.match(error.issues.find(({ path }) => path === "/input/other")?.message ?? "", /did you mean "integer"/);
});

test("what is not plain YAML 1.2 data is refused with its line", () => {
  const problem = (text: string): string => {
    const error = refusal(text);
    assert.equal(error.code, "DEFINITION_LOAD");
    return error.message;
  };
  assert.match(problem("name: a\nname: b\n"), /line 2/);
  assert.match(problem("name: !!python/object:os.system x\n"), /line 1/);
  assert.match(problem("a: &a [x, x]\nb: *c\n"), /alias/i);
  assert.match(problem("input: [\n"), /line \d/);
  assert.match(problem("just text"), /not a mapping/);
  assert.match(problem("a: 1\n---\nb: 2\n"), /line \d/);
  assert.match(problem("%YAML 1.1\n---\na: 1\n"), /1\.2/);
  assert.match(problem(`a: "${"x".repeat(300_000)}"`), /limit is 262144/);
  assert.match(problem("[".repeat(100_000)), /nested|line/);
});

test("a bomb of aliases is refused and costs little", () => {
  const lines = ["a: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let level = 1; level < 12; level++) lines.push(`l${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`);
  const start = performance.now();
  assert.equal(refusal(lines.join("\n")).code, "DEFINITION_LOAD");
  assert.ok(performance.now() - start < 1000);
});

test("yes, no and dates are the text that they look like", () => {
  const { features } = read(`${fields}features: { a: yes, b: 2021-03-01, c: 010, d: off }`);
  assert.deepEqual(features({}), { a: "yes", b: "2021-03-01", c: 10, d: "off" });
});

test("a key named __proto__ changes nothing but is refused", () => {
  const error = refusal('input: { "__proto__": number }\noutput: { y: number }\nfeatures: { x: 1 }\n');
  assert.equal(error.issues[0]?.path, "/input/__proto__");
  assert.equal(({} as { spec?: unknown }).spec, undefined);
});

const example = readFileSync(new URL("../../examples/ride-duration-yaml/deployment.yaml", import.meta.url), "utf8");

/** A definition, or one of our errors; anything else that is thrown fails the test. */
function readOrRefuse(text: string): void {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof TrimaranError, `${String(error)} for ${JSON.stringify(text)}`);
    assert.ok(error.code === "DEFINITION_LOAD" || error.code === "DEFINITION_INVALID", error.code);
  }
}

test("the worked example cut off at every offset is read or refused, never anything else", () => {
  for (let end = 0; end < example.length; end++) readOrRefuse(example.slice(0, end));
});

test("the worked example with any piece replaced is read or refused, never anything else", () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.constantFrom("&a ", "*a", "!!int ", "{", "[", "? ", "- ", "<<: ", "\t", "null", "__proto__: 1", ".inf", "1e999"),
  );
  const place = fc.nat({ max: example.length });
  fc.assert(
    fc.property(piece, place, fc.nat({ max: 40 }), (text, start, length) => {
      readOrRefuse(example.slice(0, start) + text + example.slice(start + length));
    }),
    { numRuns: 2000, seed: 42 },
  );
});

test("a definition of more words than any has is refused before it is parsed, whatever it says", () => {
  const texts = [
    `input:\n${Array.from({ length: 30_000 }, (_, at) => ` a${at}: {}\n`).join("")}`,
    "a: }\n".repeat(50_000),
    `[${"a,".repeat(120_000)}]`,
    "- ".repeat(20_000),
    "[".repeat(100_000),
  ];
  for (const text of texts) {
    const startMs = performance.now();
    const { code, message } = refusal(text);
    assert.equal(code, "DEFINITION_LOAD");
    assert.match(message, /nested too deep, or has more than 100000 words|characters; the limit is/);
    assert.ok(performance.now() - startMs < 2000);
  }
});
