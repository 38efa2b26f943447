// Folders that releases of MLflow from 1.26 to 3 wrote: opened, and their logged examples answered as Python answered them.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { checkInputExample } from "../../src/serving/check-input-example.ts";
import { openService } from "../../src/serving/open-service.ts";

const recorded = new URL("mlflow/recorded/", import.meta.url);

for (const release of readdirSync(recorded).sort()) {
  const answers = JSON.parse(readFileSync(new URL(`${release}/recorded.json`, recorded), "utf8"));
  describe(`the folders of ${release}`, () => {
    for (const [name, expected] of Object.entries(answers as Record<string, readonly number[]>)) {
      test(`${name} answers its own example`, async () => {
        const service = await openService(new URL(`${release}/${name}`, recorded).pathname);
        assert.deepEqual(await checkInputExample(service), []);
        const example = service.inputExample ?? [];
        assert.equal(example.length, expected.length);
        const answered = await service.answer(example);
        for (const [row, value] of expected.entries()) {
          const { predict } = answered.value(row) as { readonly predict: number };
          assert.ok(Math.abs(predict - value) <= 1e-12 * Math.abs(value), `row ${row}`);
        }
        await service.close();
      });
    }
  });
}
