// `openDeployment` of the package's entry: what a user's own tests call.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openDeployment, TrimaranError } from "../src/index.ts";

const ride = new URL("../examples/ride-duration/", import.meta.url);
const row = { PULocationID: 10, DOLocationID: 50, trip_distance: 40 };

describe("openDeployment", () => {
  test("runs features, predicts, and answers a request without a port", async () => {
    await using deployment = await openDeployment(new URL("deployment.ts", ride));
    assert.equal(deployment.name, "ride-duration");
    assert.deepEqual(deployment.features(row), { PU_DO: "10_50", trip_distance: 40 });
    assert.deepEqual(await deployment.predict(row), { duration: 22.625182479499 });
    assert.deepEqual(await deployment.predict([row, row]), [
      { duration: 22.625182479499 },
      { duration: 22.625182479499 },
    ]);
    const headers = { "content-type": "application/json" };
    const request = new Request("http://localhost/predict", { method: "POST", headers, body: JSON.stringify(row) });
    const response = await deployment.fetch(request);
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { duration: 22.625182479499 });
  });

  test("refuses rows with every issue at its path", async () => {
    await using deployment = await openDeployment(new URL("deployment.ts", ride));
    const bad = { PULocationID: 0, trip_distance: -1 };
    const pathsOf = (error: unknown): readonly string[] => (error as TrimaranError).issues.map(({ path }) => path);
    await assert.rejects(deployment.predict(bad), (error) => {
      assert.ok(error instanceof TrimaranError);
      assert.equal(error.code, "ROW_INVALID");
      assert.deepEqual(pathsOf(error), ["/PULocationID", "/DOLocationID", "/trip_distance"]);
      return true;
    });
    await assert.rejects(deployment.predict([row, bad]), (error) => {
      assert.deepEqual(pathsOf(error), ["/1/PULocationID", "/1/DOLocationID", "/1/trip_distance"]);
      return true;
    });
    assert.throws(() => deployment.features(bad), { code: "ROW_INVALID" });
  });

  test("checks the definition, and takes another model under it", async () => {
    const model = new URL("forest", ride).pathname;
    await using own = await openDeployment(ride);
    await using other = await openDeployment(ride, { model });
    assert.deepEqual((await own.check()).issues, []);
    assert.deepEqual((await other.check()).issues, []);
    assert.notDeepEqual(await other.predict(row), await own.predict(row));
  });
});
