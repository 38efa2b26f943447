// What pipelines over mixed columns take, column by column, as their members use them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel } from "../../../src/loaders/load-model.ts";
import { recordedCases } from "../../golden/replay/recorded-case.ts";

const recorded = new URL("../../golden/sklearn/recorded", import.meta.url).pathname;

/** `named table: age number?, …`; a question mark is nullable. */
async function inputOf(env: string, name: string): Promise<string> {
  const golden = recordedCases(recorded, `${env}/${name}`).find((each) => each.case === name);
  assert.ok(golden !== undefined, `${env}/${name} is not recorded`);
  const { input } = (await loadModel([golden.path])).graph;
  assert.notEqual(input.kind, "records");
  if (input.kind === "records") return "";
  const columns = input.columns.map(({ name: column, type, nullable }) => `${column} ${type}${nullable ? "?" : ""}`);
  return `${input.named ? "named " : ""}${input.kind}: ${columns.join(", ")}`;
}

test("a column is typed by the members that look into it, and what nobody looks into may be anything", async () => {
  const churn = "named table: age number?, fare number?, city string?, plan string?, zone any?";
  assert.equal(await inputOf("sk191", "compose-ColumnTransformer-churn"), churn);
  assert.equal(await inputOf("sk024", "compose-ColumnTransformer-churn"), churn);
});

test("files of 0.20 keep the names in a pandas Index", async () => {
  const named = "named table: age number?, fare number?, city string?, plan string?, zone any?";
  assert.equal(await inputOf("sk0204", "compose-ColumnTransformer-churn-forest"), named);
});

test("columns that are passed on are numbers where the next step takes numbers only", async () => {
  const passed = "named table: age number?, fare number?, city string, plan string, zone number?";
  assert.equal(await inputOf("sk191", "compose-ColumnTransformer-passthrough-boosting"), passed);
  const alone = "named table: age any?, fare any?, city any?, plan any?, zone any?";
  const strings = await inputOf("sk191", "compose-ColumnTransformer-passthrough-strings");
  assert.equal(strings, alone.replace("age any?, fare any?", "age number, fare number"));
});

test("an array of numbers stays a matrix by position", async () => {
  const matrix = "matrix: 0 number?, 1 number, 2 number, 3 number?, 4 number?";
  assert.equal(await inputOf("sk191", "compose-ColumnTransformer-slice"), matrix);
});

test("a step that does not know its width takes what the next one takes", async () => {
  assert.equal(
    await inputOf("sk102", "compose-Pipeline-function-first"),
    "matrix: 0 number, 1 number, 2 number, 3 number, 4 number",
  );
});

test("encoders take text, numbers or either, by their categories", async () => {
  assert.equal(
    await inputOf("sk191", "preprocessing-OneHotEncoder-mixed"),
    "named table: city string, plan string, zone number",
  );
  assert.equal(await inputOf("sk191", "preprocessing-OneHotEncoder-numbers-nan"), "matrix: 0 number, 1 number");
  assert.equal(
    await inputOf("sk191", "preprocessing-OneHotEncoder-fitted-nan"),
    "named table: city string?, plan string",
  );
});
