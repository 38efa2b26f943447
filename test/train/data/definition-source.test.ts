// Rows of tables as a definition takes them: times, categories, booleans and whole numbers in the forms that files keep them in.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { openDefinition } from "../../../src/deployment/open-definition.ts";
import { openDefinitionSource } from "../../../src/train/data/definition-source.ts";
import { LeftOut } from "../../../src/train/data/left-out.ts";
import { checkedRows } from "../../../src/train/data/row-source.ts";

const definition = `name: visits
input:
  at: { type: timestamp }
  day: { type: date }
  kind: { type: category, values: ["1", "2"] }
  paid: { type: boolean }
  visits: { type: integer }
  note: { type: string, optional: true }
features:
  kind: kind
  paid: paid
  visits: visits
output:
  y: { type: number }
batch:
  truth: y
`;

async function rowsOf(name: string, text: string): Promise<{ rows: unknown[]; targets: unknown[]; leftOut: LeftOut }> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-source-"));
  try {
    await writeFile(join(folder, "visits.yaml"), definition);
    await writeFile(join(folder, name), text);
    const opened = await openDefinition(join(folder, "visits.yaml"));
    await using source = await openDefinitionSource({
      files: [join(folder, name)],
      definition: opened.definition,
      target: null,
      task: null,
      signal: new AbortController().signal,
    });
    const [rows, targets, leftOut]: [unknown[], unknown[], LeftOut] = [[], [], new LeftOut()];
    for await (const batch of checkedRows(source, leftOut)) {
      rows.push(...batch.rows);
      targets.push(...batch.targets);
    }
    return { rows, targets, leftOut };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("rows of a definition", () => {
  const wanted = [
    { kind: "1", paid: true, visits: 5 },
    { kind: "2", paid: false, visits: 6 },
  ];

  test("of CSV, where everything is text", async () => {
    const { rows, targets, leftOut } = await rowsOf(
      "d.csv",
      "at,day,kind,paid,visits,y\n2022-01-01 10:00:00,2022-01-01,1,true,5,2\n2022-01-02T10:00:00,2022-01-02,2,False,6.0,3.5\n2022-01-02 10:00:00,2022-01-02,3,true,1,1\n",
    );
    assert.deepEqual([rows, targets], [wanted, [2, 3.5]]);
    assert.deepEqual(
      leftOut.reasons().map(({ path, count }) => [path, count]),
      [["/kind", 1]],
    );
  });

  test("of NDJSON, where whole numbers may stand for categories", async () => {
    const lines = [
      { at: "2022-01-01T10:00:00Z", day: "2022-01-01", kind: 1, paid: true, visits: 5, y: 2 },
      { at: "2022-01-01T10:00:00Z", day: "2022-01-01", kind: 2, paid: false, visits: 6, y: 3.5, note: "007" },
      { at: "2022-01-01T10:00:00Z", day: "2022-01-01", kind: 2, paid: false, y: 3.5 },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const { rows, targets, leftOut } = await rowsOf("d.ndjson", text);
    assert.deepEqual([rows, targets], [wanted, [2, 3.5]]);
    assert.deepEqual(
      leftOut.reasons().map(({ path, code }) => [path, code]),
      [["/visits", "missing_field"]],
    );
  });
});
