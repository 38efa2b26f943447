// Requests and answers as the real server and the Python clients write them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { endpointTable } from "../../../src/mlflow/endpoint-table.ts";
import { readAnswer, writeRequest } from "../../../src/mlflow/wire/client-side.ts";
import type { Endpoint, RequestOf } from "../../../src/mlflow/wire/endpoint.ts";
import { readRequest, type WireRequest, writeAnswer } from "../../../src/mlflow/wire/server-side.ts";
import { WireError } from "../../../src/mlflow/wire/wire-error.ts";

const usual: WireRequest = {
  method: "POST",
  pathParameters: {},
  query: new URLSearchParams(),
  contentType: "application/json",
  body: "",
};

function post<E extends Endpoint>(endpoint: E, body: string, more: Partial<WireRequest> = {}): RequestOf<E> {
  return readRequest(endpoint, { ...usual, body, ...more });
}

function get<E extends Endpoint>(endpoint: E, query: string): RequestOf<E> {
  return readRequest(endpoint, { ...usual, method: "GET", query: new URLSearchParams(query) });
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof WireError, String(error));
    return `${error.status} ${error.errorCode}: ${error.message}`;
  }
  assert.fail("it was accepted");
}

const { logBatch, logMetric, createRun, createExperiment, getRun, searchRuns, searchRegisteredModels } = endpointTable;
const { setRegisteredModelAlias, finalizeLoggedModel, getTrace, deleteRegisteredModelAlias, searchExperiments } =
  endpointTable;

describe("a request is read", () => {
  test("with numbers as texts, special numbers bare or quoted, and defaults", () => {
    const body =
      '{"run_id":"r","metrics":[{"key":"a","value":NaN,"timestamp":"5"},{"key":"b","value":"-Infinity","timestamp":6,"step":"2"}]}';
    const { metrics, params } = post(logBatch, body);
    assert.deepEqual(metrics, [
      { key: "a", value: Number.NaN, timestamp: 5, step: 0 },
      { key: "b", value: Number.NEGATIVE_INFINITY, timestamp: 6, step: 2 },
    ]);
    assert.deepEqual(params, []);
    assert.equal(post(logMetric, '{"run_id":"r","key":"k","value":1,"timestamp":1.5}').timestamp, 1);
  });

  test("a special number inside a text is text", () => {
    assert.equal(post(createExperiment, '{"name":"NaN, \\"Infinity\\" and NaN"}').name, 'NaN, "Infinity" and NaN');
  });

  test("without unknown keys, and null is as if it was not sent", () => {
    assert.deepEqual(post(createRun, '{"experiment_id":"1","user_id":null,"strange":{"a":1}}'), {
      experiment_id: "1",
      tags: [],
    });
  });

  test("by either spelling of a field, but not by both", () => {
    assert.equal(post(createRun, '{"experimentId":"1"}').experiment_id, "1");
    assert.equal(
      refusal(() => post(createRun, '{"experimentId":"1","experiment_id":"2"}')),
      "400 INVALID_PARAMETER_VALUE: Request specifies both 'experiment_id' and 'experimentId'; provide only one of them.",
    );
  });

  test("with an experiment's id as a number, and no other text", () => {
    assert.equal(post(createRun, '{"experiment_id":7}').experiment_id, "7");
    assert.deepEqual(post(searchRuns, '{"experiment_ids":[7,"8"]}').experiment_ids, ["7", "8"]);
    assert.equal(
      refusal(() => post(setRegisteredModelAlias, '{"name":"n","alias":"a","version":1}')),
      "400 INVALID_PARAMETER_VALUE: Invalid value 1 for parameter 'version' supplied:  Hint: Value was of type 'int'. See the API docs for more information about request parameters.",
    );
  });

  test("run_uuid stands for run_id", () => {
    assert.equal(get(getRun, "run_uuid=abc").run_id, "abc");
    assert.equal(get(getRun, "run_id=abc&run_uuid=abc").run_id, "abc");
  });

  test("enumerations by name or number", () => {
    assert.equal(post(searchRuns, '{"run_view_type":"ALL"}').run_view_type, "ALL");
    assert.equal(post(searchRuns, '{"run_view_type":3}').run_view_type, "ALL");
    assert.equal(post(searchRuns, "{}").run_view_type, "ACTIVE_ONLY");
    assert.equal(get(searchExperiments, "view_type=2").view_type, "DELETED_ONLY");
    assert.match(
      refusal(() => post(searchRuns, '{"run_view_type":"NONE"}')),
      /Invalid value "NONE" for parameter 'run_view_type'/,
    );
  });

  test("from a query with repeated keys, numbers and booleans", () => {
    assert.deepEqual(get(searchRegisteredModels, "order_by=name&order_by=timestamp+DESC&max_results=5"), {
      max_results: 5,
      order_by: ["name", "timestamp DESC"],
    });
    assert.equal(get(getTrace, "trace_id=t&allow_partial=False").allow_partial, false);
    assert.equal(get(getTrace, "trace_id=t").allow_partial, false);
    assert.equal(
      refusal(() => get(getTrace, "trace_id=t&allow_partial=1")),
      "400 INVALID_PARAMETER_VALUE: Invalid boolean value: 1, must be 'true' or 'false'.",
    );
  });

  test("a GET without a query from its body, a DELETE from its body only", () => {
    assert.equal(readRequest(getRun, { ...usual, method: "GET", body: '{"run_id":"r"}' }).run_id, "r");
    const query = new URLSearchParams("name=x");
    assert.match(
      refusal(() => post(deleteRegisteredModelAlias, "", { method: "DELETE", query })),
      /parameter 'name'/,
    );
  });

  test("the path wins over the body", () => {
    const read = post(finalizeLoggedModel, '{"model_id":"other","status":"LOGGED_MODEL_READY"}', {
      method: "PATCH",
      pathParameters: { model_id: "m-1" },
    });
    assert.equal(read.model_id, "m-1");
  });

  test("JSON in a JSON text is read, anything but an object is refused", () => {
    assert.equal(post(createExperiment, '"{\\"name\\":\\"x\\"}"').name, "x");
    for (const body of ["[]", "1", "{", "\ufeff"]) {
      assert.match(
        refusal(() => post(createExperiment, body)),
        /^400 BAD_REQUEST/,
        body,
      );
    }
  });

  test("a missing or empty required value is told by MLflow's words", () => {
    for (const body of ["", "{}", "null", '{"name":""}', '{"name":null}']) {
      assert.equal(
        refusal(() => post(createExperiment, body)),
        "400 INVALID_PARAMETER_VALUE: Missing value for required parameter 'name'. See the API docs for more information about request parameters.",
      );
    }
  });

  test("only as JSON", () => {
    assert.match(
      refusal(() => post(createExperiment, "{}", { contentType: undefined })),
      /Content-Type header is missing\.$/,
    );
    assert.match(
      refusal(() => post(createExperiment, "{}", { contentType: "text/plain" })),
      /Content-Type must be one of \['application\/json'\]\.$/,
    );
    assert.equal(post(createExperiment, '{"name":"x"}', { contentType: "application/json; charset=utf-8" }).name, "x");
  });

  test("hostile shapes are refused quickly", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    assert.match(
      refusal(() => post(createRun, `{"experiment_id":"1","tags":${deep}}`)),
      /^400 /,
    );
    assert.match(
      refusal(() => post(endpointTable.startTraceV3, `{"trace":{"spans":[${deep}]}}`)),
      /nested deeper/,
    );
    const started = performance.now();
    assert.match(
      refusal(() => post(createRun, `NaN${'"\\'.repeat(1_000_000)}`)),
      /^400 /,
    );
    assert.ok(performance.now() - started < 2000);
  });

  test("a key called __proto__ is a key", () => {
    const read = post(endpointTable.startTraceV3, '{"trace":{"trace_info":{"tags":{"__proto__":"x"}}}}');
    assert.equal(Object.getOwnPropertyDescriptor(read.trace?.trace_info?.tags ?? {}, "__proto__")?.value, "x");
  });
});

describe("an answer", () => {
  test("is written in the protocol's order, with what is not there left out", () => {
    const text = writeAnswer(getRun, {
      run: {
        inputs: {},
        data: { metrics: [{ value: Number.NaN, key: "m" }], tags: [] },
        info: { status: "RUNNING", run_id: "r" },
      },
    });
    assert.equal(
      text,
      JSON.stringify(
        {
          run: {
            info: { run_id: "r", status: "RUNNING" },
            data: { metrics: [{ key: "m", value: "NaN" }] },
            inputs: {},
          },
        },
        null,
        2,
      ),
    );
    assert.equal(writeAnswer(endpointTable.deleteRun, {}), "{}");
  });

  test("is read with more or fewer fields than we know", () => {
    const { run } = readAnswer(getRun, '{"run":{"info":{"run_id":"r","start_time":"12","new":1}},"more":[]}');
    assert.deepEqual(run, { info: { run_id: "r", start_time: 12 } });
    assert.match(
      refusal(() => readAnswer(getRun, "<html>")),
      /not JSON/,
    );
    assert.match(
      refusal(() => readAnswer(getRun, '{"run":[]}')),
      /wrong type/,
    );
  });
});

describe("a client's request", () => {
  test("is a query for GET and a body for all others, which says again what the path holds", () => {
    assert.deepEqual(writeRequest(searchRegisteredModels, { filter: "name = 'a b'", order_by: ["x", "y"] }), {
      method: "GET",
      target: "/api/2.0/mlflow/registered-models/search?filter=name+%3D+%27a+b%27&order_by=x&order_by=y",
      body: null,
    });
    assert.deepEqual(writeRequest(finalizeLoggedModel, { model_id: "m-1", status: "LOGGED_MODEL_READY" }), {
      method: "PATCH",
      target: "/api/2.0/mlflow/logged-models/m-1",
      body: '{"model_id":"m-1","status":"LOGGED_MODEL_READY"}',
    });
  });

  test("cannot climb out of its path", () => {
    for (const model_id of ["..", ".", ""]) {
      assert.match(
        refusal(() => writeRequest(endpointTable.getLoggedModel, { model_id })),
        /^400 /,
      );
    }
    assert.equal(
      writeRequest(endpointTable.getLoggedModel, { model_id: "../x?y" }).target,
      "/api/2.0/mlflow/logged-models/..%2Fx%3Fy",
    );
  });
});
