// docs/models.md is what the estimator table and the answered goldens say.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type AnsweredGolden, answeredGoldens } from "../../scripts/answered-goldens.ts";
import { modelDocs } from "../../scripts/model-docs.ts";
import { estimatorTable } from "../../src/formats/sklearn/estimator-table.ts";

describe("docs/models.md", () => {
  test("is what the table and the goldens say; `npm run docs` writes it anew", () => {
    const file = fileURLToPath(new URL("../../docs/models.md", import.meta.url));
    const text = modelDocs({ estimators: estimatorTable, goldens: answeredGoldens() });
    assert.ok(readFileSync(file, "utf8") === text, "docs/models.md is not up to date: run `npm run docs`");
  });

  test("gives the versions and methods of the goldens that hold an estimator, and none where there is no golden", () => {
    const [record] = estimatorTable;
    assert.ok(record !== undefined);
    const golden = (version: string, estimator: string): AnsweredGolden => ({
      library: "scikit-learn",
      version,
      estimator,
      classes: record.classes.slice(0, 1),
      container: "pickle4",
      methods: ["transform"],
    });
    const line = (goldens: readonly AnsweredGolden[]): string | undefined =>
      modelDocs({ estimators: [record], goldens })
        .split("\n")
        .find((each) => each.startsWith(`| ${record.name} |`));
    assert.match(line([]) ?? "", / \| – \| – \| /);
    const inside = golden("1.10.0", "sklearn.pipeline.Pipeline");
    assert.match(
      line([inside, golden("0.24.2", record.classes[0] ?? "")]) ?? "",
      /0\.24\.2 – 1\.10\.0 \(2\) \| transform \|/,
    );
  });
});
