// A model that was logged with an input example answers it, or does not serve.
import assert from "node:assert/strict";
import { cp, readFile } from "node:fs/promises";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { prepareTarget } from "../../../src/serving/slot/prepare-target.ts";
import { folder, openCatalog } from "./fixtures.ts";

const forest = fileURLToPath(new URL("../../../examples/ride-duration/forest", import.meta.url));

it("refuses a model that does not answer its own input example", async () => {
  await using made = await folder();
  const target = made.at("ride");
  await cp(forest, target, { recursive: true });
  const mlmodel = await readFile(made.at("ride/MLmodel"), "utf8");
  const info = "saved_input_example_info:\n  artifact_path: input_example.json\n  type: json_object\n";
  await made.write("ride/MLmodel", mlmodel + info);
  await made.write("ride/input_example.json", '{"PU_DO": "130_205", "trip_distance": 3.66}');
  const plan = await prepareTarget({ target });
  await using opened = await openCatalog([plan]);
  // A NaN is refused by the forest.
  await made.write("ride/input_example.json", '{"PU_DO": "130_205", "trip_distance": null}');
  await assert.rejects(prepareTarget({ target }), (error) => {
    assert.ok(isTrimaranError(error));
    assert.equal(error.code, "SLOT_EXAMPLE");
    assert.match(error.issues[0]?.path ?? "", /^\/input_example\/0/);
    return true;
  });
  await assert.rejects(opened.catalog.load(plan.name), { code: "SLOT_EXAMPLE" });
  assert.equal(opened.catalog.statuses()[0]?.state, "READY");
  assert.match(opened.catalog.statuses()[0]?.reason ?? "", /input example/);
});
