// Opening definitions from disk: which file is meant, live code with `trimaran` resolved anywhere, digests, typed errors.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { TrimaranError } from "../../src/base/errors.ts";
import { findDefinition, openDefinition } from "../../src/deployment/open-definition.ts";
import { scratchFolder } from "./scratch-folder.ts";

const code = `import { defineDeployment, number } from "trimaran";
import { factor } from "./lib/factor.ts";
export default defineDeployment({
  input: { distance: number() },
  features: (ride) => ({ distance: ride.distance * factor }),
  output: { duration: number() },
});
`;
const yaml = "input: { distance: number }\noutput: { duration: number }\n";
const examples = new URL("../../examples/", import.meta.url);

async function refusal(work: Promise<unknown>): Promise<TrimaranError> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TrimaranError, String(error));
  return error;
}

test("the worked example opens as TypeScript and as YAML, and both make the same features", async () => {
  const ride = { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 };
  for (const name of ["ride-duration", "ride-duration-yaml"]) {
    const { definition } = await openDefinition(fileURLToPath(new URL(name, examples)));
    assert.equal(definition.name, "ride-duration");
    assert.deepEqual(definition.features(ride), { PU_DO: "130_205", trip_distance: 3.66 });
    assert.deepEqual(definition.toOutput({ predict: 12.5 }, ride), { duration: 12.5 });
  }
});

test("a definition may lie anywhere, in a CommonJS package too, and a second load sees an edit of what it imports", async () => {
  await using folder = await scratchFolder({
    "package.json": '{"type":"commonjs"}',
    "deployment.ts": code,
    "lib/factor.ts": 'import { one } from "./one.ts";\nexport const factor: number = one * 2;',
    "lib/one.ts": "export const one = 1;",
  });
  const first = await openDefinition(folder.path);
  assert.deepEqual(first.definition.features({ distance: 3 }), { distance: 6 });
  assert.equal(first.modules.length, 3);
  await folder.write({ "lib/one.ts": "export const one = 10;" });
  const second = await openDefinition(folder.path);
  assert.deepEqual(second.definition.features({ distance: 3 }), { distance: 60 });
  assert.deepEqual(first.definition.features({ distance: 3 }), { distance: 6 });
  assert.notEqual(first.digest, second.digest);
});

test("the digest depends on names and contents, not on the place", async () => {
  const files = { "deployment.ts": code, "lib/factor.ts": "export const factor = 2;" };
  await using here = await scratchFolder(files);
  await using there = await scratchFolder({ ...files, "unrelated.ts": "export {};" });
  const [left, right] = [await openDefinition(here.path), await openDefinition(there.path)];
  assert.equal(left.digest, right.digest);
  assert.match(left.digest, /^sha256:[0-9a-f]{64}$/);
});

test("a definition without a name takes the stem of its file or the name of its folder", async () => {
  await using folder = await scratchFolder({ "my rides/deployment.yaml": yaml, "rides.yaml": yaml });
  assert.equal((await openDefinition(join(folder.path, "my rides"))).definition.name, "my-rides");
  assert.equal((await openDefinition(join(folder.path, "rides.yaml"))).definition.name, "rides");
});

test("JavaScript definitions work as .js and .mjs", async () => {
  const javascript = code.replace("./lib/factor.ts", "./factor.js");
  for (const name of ["deployment.js", "deployment.mjs"]) {
    await using folder = await scratchFolder({ [name]: javascript, "factor.js": "export const factor = 4;" });
    assert.deepEqual((await openDefinition(folder.path)).definition.features({ distance: 1 }), { distance: 4 });
  }
});

test("folders: two definitions, or code beside an MLmodel, are ambiguous unless a file is named", async () => {
  await using two = await scratchFolder({
    "deployment.ts": code,
    "deployment.yaml": yaml,
    "lib/factor.ts": "export const factor = 1;",
  });
  assert.equal((await refusal(openDefinition(two.path))).code, "DEFINITION_AMBIGUOUS");
  assert.equal((await openDefinition(join(two.path, "deployment.yaml"))).definition.hasFeatures, false);
  await using logged = await scratchFolder({ MLmodel: "flavors: {}", "deployment.ts": code });
  assert.equal((await refusal(openDefinition(logged.path))).code, "DEFINITION_AMBIGUOUS");
});

test("a YAML definition inside of a model folder serves that folder, whatever its model line says", async () => {
  await using folder = await scratchFolder({
    MLmodel: "flavors: {}",
    "deployment.yaml": `model: ./other.bin\n${yaml}`,
  });
  const { definition } = await openDefinition(folder.path);
  assert.deepEqual(definition.model, { kind: "single", uri: folder.path });
});

test("targets that are no definitions are told apart", async () => {
  await using folder = await scratchFolder({ "model/MLmodel": "x", "empty/readme.md": "x", "model.pkl": "x" });
  assert.equal(await findDefinition(join(folder.path, "model")), null);
  assert.equal(await findDefinition(join(folder.path, "model.pkl")), null);
  assert.equal((await refusal(findDefinition(join(folder.path, "empty")))).code, "FORMAT_FOLDER");
  assert.equal((await refusal(findDefinition(join(folder.path, "nowhere")))).code, "FILE_NOT_FOUND");
});

const broken: readonly (readonly [string, string, Readonly<Record<string, string>>, RegExp])[] = [
  ["a syntax error", "DEFINITION_LOAD", { "deployment.ts": "const a = 1;\nconst b = ;\n" }, /deployment\.ts, line 2/],
  [
    "a syntax error in JavaScript",
    "DEFINITION_LOAD",
    { "deployment.js": "const a = 1;\nconst b = ;\n" },
    /deployment\.js, line 2/,
  ],
  ["TypeScript that needs a compiler", "DEFINITION_LOAD", { "deployment.ts": "\nenum A { b }\n" }, /line 2.*enum/],
  [
    "a module that throws",
    "DEFINITION_LOAD",
    { "deployment.ts": "const a = 1;\n\nthrow new TypeError('no');" },
    /line 3: it threw TypeError: no/,
  ],
  ["a module that throws no error", "DEFINITION_LOAD", { "deployment.ts": "throw 3;" }, /it threw a number/],
  [
    "an import that is not there",
    "DEFINITION_LOAD",
    { "deployment.ts": code },
    /line 2, imports ".\/lib\/factor\.ts", which is not there/,
  ],
  [
    "an export that is not there",
    "DEFINITION_LOAD",
    { "deployment.ts": code, "lib/factor.ts": "export {};" },
    /line 2.*factor/,
  ],
  [
    "an error deeper down",
    "DEFINITION_LOAD",
    { "deployment.ts": code, "lib/factor.ts": "\n\nlet x = }" },
    /factor\.ts, line 3/,
  ],
  ["no default export", "DEFINITION_NONE", { "deployment.ts": "export const a = 1;" }, /does not export/],
  [
    "another default export",
    "DEFINITION_NONE",
    { "deployment.ts": "export default { input: {} };" },
    /does not export/,
  ],
  ["bytes that are no text", "DEFINITION_LOAD", { "deployment.yaml": "\u0000" }, /line 1|mapping/],
];

for (const [what, expected, files, message] of broken) {
  test(`${what} is a typed error that says where, without a trace`, async () => {
    await using folder = await scratchFolder(files);
    const error = await refusal(openDefinition(folder.path));
    assert.equal(error.code, expected);
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n    at ") && !error.message.includes("?trimaran="));
  });
}
