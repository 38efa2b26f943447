// A real MLServer as the model: its answers through ours are the numbers that we compute from the same file.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openModel } from "../../../src/serving/open-model.ts";
import { openService } from "../../../src/serving/open-service.ts";
import { spawnCli } from "../spawn-cli.ts";
import { findMlserver, type Mlserver, startMlserver } from "./mlserver.ts";

const python = await findMlserver();

describe("a model behind MLServer 1.7.1", { skip: python === undefined && "MLServer is not installed" }, () => {
  let server: Mlserver;
  before(async () => {
    server = await startMlserver(python ?? "");
  });
  after(() => server[Symbol.asyncDispose]());

  const rows = [
    [0.1, 0.2, 0.3, 0.4],
    [1, -2, 0.5, 0],
    [-0.7, 0.1, 3, -1],
  ];
  const methods = ["predict", "predict_proba"];

  test("answers by HTTP and by gRPC what we compute from its file", async () => {
    await using ours = await openModel(join(server.folder, "classes/model.pkl"));
    const expected = await ours.predict(rows, { methods });
    for (const uri of [`oip+http://${server.http}/v2/models/classes`, `oip+grpc://${server.grpc}/classes`]) {
      await using remote = await openModel(uri);
      assert.deepEqual(remote.methods, methods);
      assert.deepEqual(remote.inputs.kind === "matrix" && remote.inputs.columns.length, 4);
      assert.deepEqual(await remote.predict(rows, { methods }), expected);
      // Connections are used again.
      for (let call = 0; call < 20; call++) assert.equal((await remote.predict(rows)).length, rows.length);
    }
  });

  test("takes named columns of several datatypes, a whole batch in one request", async () => {
    const named = Array.from({ length: 300 }, (_, at) => ({ distance: at / 30, hour: at % 24 }));
    await using ours = await openModel(join(server.folder, "duration/model.pkl"));
    const expected = await ours.predict(named);
    for (const uri of [
      `oip+http://${server.http}/v2/models/duration`,
      `oip+grpc://${server.grpc}/v2/models/duration/versions/v7`,
    ]) {
      await using remote = await openModel(uri);
      assert.deepEqual(await remote.predict(named), expected);
      await assert.rejects(
        remote.predict([{ distance: 1, hour: 1.5 }]),
        (error: { issues?: readonly { path: string }[] }) => {
          assert.deepEqual(
            error.issues?.map(({ path }) => path),
            ["/0/hour"],
          );
          return true;
        },
      );
    }
  });

  test("that says nothing of itself is declared in the URI, or refused with how to", async () => {
    await assert.rejects(openModel(`oip+http://${server.http}/v2/models/silent`), { code: "REMOTE_INPUTS" });
    await using ours = await openModel(join(server.folder, "silent/model.pkl"));
    await using remote = await openModel(`oip+http://${server.http}/v2/models/silent?input=x:FP64:-1,4`);
    assert.deepEqual(await remote.predict(rows), await ours.predict(rows));
    await using open = await openModel(`oip+grpc://${server.grpc}/silent?input=x:FP64:-1,-1`);
    assert.deepEqual(await open.predict(rows), await ours.predict(rows));
  });

  test("has the name that its URI says, and the version that its server answers with", async () => {
    const service = await openService(`oip+http://${server.http}/v2/models/duration?output=predict`);
    assert.equal(service.name, "duration");
    const { modelVersion } = await service.answer([{ distance: 1, hour: 2 }]);
    assert.deepEqual([modelVersion, service.model.version], ["v7", "v7"]);
    await service.close();
  });

  test("is inspected: what it takes and answers, or why not", async () => {
    const found = await spawnCli(["inspect", "--json", `oip+grpc://${server.grpc}/classes`]);
    const report = JSON.parse(found.stdout) as { ok: boolean; format: string; methods: readonly { name: string }[] };
    assert.deepEqual([found.code, report.ok, report.format], [0, true, "oip/grpc"]);
    assert.deepEqual(
      report.methods.map(({ name }) => name),
      methods,
    );
    const shown = await spawnCli(["inspect", `oip+http://${server.http}/v2/models/duration`]);
    assert.match(shown.stdout, /hour/);
    const none = await spawnCli(["inspect", `oip+http://${server.http}/v2/models/none`]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /has no model none/);
  });

  test("that is not there is missing", async () => {
    await assert.rejects(openModel(`oip+http://${server.http}/v2/models/none`), { code: "REMOTE_MISSING" });
    await assert.rejects(openModel(`oip+http://${server.http}/v2/models/duration/versions/v8`), {
      code: "REMOTE_MISSING",
    });
    await assert.rejects(openModel(`oip+grpc://${server.grpc}/none`), { code: "REMOTE_MISSING" });
  });

  test("predicts on the command line and below a definition", async () => {
    const folder = mkdtempSync(join(tmpdir(), "trimaran-remote-"));
    try {
      const uri = `oip+http://${server.http}/v2/models/duration`;
      writeFileSync(
        join(folder, "deployment.yaml"),
        [
          "name: remote-duration",
          `model: ${uri}`,
          "input: { miles: number, at: integer }",
          "features: { distance: miles, hour: at }",
          "output: { minutes: number }",
        ].join("\n"),
      );
      const input = '{"distance":2.5,"hour":7}\n{"distance":2.5,"hour":"x"}\n';
      const bare = await spawnCli(["predict", uri], { stdin: input });
      const [first = "", second = ""] = bare.stdout.split("\n");
      assert.equal(bare.code, 1);
      assert.match(second, /^\{"error":\{"code":"ROW_INVALID"/);
      await using ours = await openModel(join(server.folder, "duration/model.pkl"));
      const [expected] = await ours.predict([{ distance: 2.5, hour: 7 }]);
      assert.deepEqual(JSON.parse(first), { predict: expected });
      const defined = await spawnCli(["predict", folder], { stdin: '{"miles":2.5,"at":7}\n' });
      assert.equal(defined.stderr, "");
      assert.deepEqual(JSON.parse(defined.stdout), { minutes: expected });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
