// The worked example behind the web door: the course's own request, Python's own numbers.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { appendFile, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { openService } from "../../../src/serving/open-service.ts";
import { testDoor } from "./fixtures.ts";

const example = fileURLToPath(new URL("../../../examples/ride-duration/", import.meta.url));

describe("the worked example", () => {
  it("answers the course's ride, an unseen pair of zones, with a warning and a count", async () => {
    await using door = await testDoor({ services: [await openService(example)] });
    const reply = await door.post('{"PULocationID": 10, "DOLocationID": 50, "trip_distance": 40}');
    assert.equal(reply.status, 200);
    assert.match(reply.text, /^\{"duration":\d+\.\d+\}$/);
    assert.equal(reply.headers.get("x-trimaran-warnings"), "unseen_category;field=PU_DO;count=1");
    assert.deepEqual(door.web.counters.warnings, [
      { service: "ride-duration", code: "unseen_category", field: "PU_DO", count: 1 },
    ]);
  });

  it("names every field that is wrong, with its path", async () => {
    await using door = await testDoor({ services: [await openService(example)] });
    const reply = await door.post(
      `[{"PULocationID":130,"DOLocationID":205,"trip_distance":"3"},{"PULocationID":0,"trip_distance":1e999},
        {"PULocationID":130,"DOLocationID":205,"trip_distance":1,"trip_distanc":1}]`,
    );
    assert.equal(reply.status, 422);
    const { issues } = JSON.parse(reply.text) as { issues: { path: string; code: string }[] };
    assert.deepEqual(
      issues.map(({ path, code }) => `${path} ${code}`),
      [
        "/0/trip_distance wrong_type",
        "/1/PULocationID out_of_range",
        "/1/DOLocationID missing_field",
        "/1/trip_distance not_finite",
        "/2/trip_distanc unknown_field",
      ],
    );
  });

  it("gives Python's numbers to the last digit, one by one, as an array and as lines", async () => {
    await using door = await testDoor({ services: [await openService(example)] });
    const parity = readFileSync(`${example}parity.ndjson`, "utf8").trimEnd().split("\n");
    const rows = parity.map((line) => JSON.parse(line) as { input: object; output: object });
    assert.ok(rows.length > 50);
    const expected = rows.map(({ output }) => output);
    const all = await door.post(JSON.stringify(rows.map(({ input }) => input)));
    assert.deepEqual(JSON.parse(all.text), expected);
    const body = rows.map(({ input }) => JSON.stringify(input)).join("\n");
    const lines = await door.post(body, { headers: { "content-type": "application/x-ndjson" } });
    assert.deepEqual(
      lines.text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as object),
      expected,
    );
    for (const { input, output } of rows.slice(0, 50)) {
      assert.deepEqual(JSON.parse((await door.post(JSON.stringify(input))).text), output);
    }
  });

  it("answers with the run's ID as model_version, last, when its model is the forest of a run", async (t) => {
    const run = "e1efc53e9bd149078b0c12aeaa6365df";
    const folder = await mkdtemp(join(tmpdir(), "trimaran-web-"));
    t.after(() => rm(folder, { recursive: true }));
    await cp(`${example}forest`, folder, { recursive: true });
    await appendFile(join(folder, "MLmodel"), `run_id: ${run}\n`);
    const service = await openService(example, { model: folder });
    await using door = await testDoor({ services: [service] });
    const reply = await door.post('{"PULocationID":130,"DOLocationID":205,"trip_distance":3.66}');
    const answer = JSON.parse(reply.text) as Record<string, unknown>;
    assert.deepEqual(Object.keys(answer), ["duration", "model_version"]);
    assert.equal(answer["model_version"], run);
    assert.equal(reply.headers.get("x-model-version"), run);
  });
});
