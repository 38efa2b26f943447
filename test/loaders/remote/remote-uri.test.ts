// URIs of remote models.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPredictor } from "../../../src/loaders/load-predictor.ts";
import { parseRemoteUri } from "../../../src/loaders/remote/remote-uri.ts";

test("name the server, the model and its version in every form", () => {
  const short = (uri: string): string => {
    const { transport, secure, server, prefix, model, version } = parseRemoteUri(uri);
    return [transport, secure ? "tls" : "plain", server, prefix, model, version ?? "-"].join(" ");
  };
  assert.equal(short("oip+http://h:8000/v2/models/m"), "http plain h:8000  m -");
  assert.equal(short("oip+https://h/a/b/v2/models/m%20x/versions/3/"), "http tls h /a/b m x 3");
  assert.equal(short("oip+grpc://h:8001/m/versions/3"), "grpc plain h:8001  m 3");
  assert.equal(short("oip+grpcs://h:443/v2/models/m"), "grpc tls h:443  m -");
  assert.equal(short("oip+grpc://[::1]:80/m"), "grpc plain [::1]:80  m -");
  const declared = parseRemoteUri("oip+http://h/v2/models/m?input=a:b:FP64:-1,4&input=c:BYTES:-1&output=y");
  assert.deepEqual(declared.inputs, [
    { name: "a:b", datatype: "FP64", shape: [-1, 4] },
    { name: "c", datatype: "BYTES", shape: [-1] },
  ]);
  assert.deepEqual(declared.outputs, ["y"]);
});

test("that cannot be meant are refused, and repeat no password", () => {
  for (const uri of [
    "oip+ftp://h/v2/models/m",
    "oip+http://h",
    "oip+http://h/m",
    "oip+http:///v2/models/m",
    "oip+http://u:hidden@h/v2/models/m",
    "oip+http://h/v2/models/m#part",
    "oip+http://h/v2/models/%zz",
    "oip+http://h/v2/models/m?input=x",
    "oip+http://h/v2/models/m?input=x:FP1:-1",
    "oip+http://h/v2/models/m?input=x:FP64:-2",
    "oip+http://h/v2/models/m?token=hidden",
    "oip+grpc://h/m",
    "oip+grpc://h:1/a/b",
    "oip+grpc://h:1/a/v2/models/m",
    "oip+grpc://h:99999/m",
  ]) {
    assert.throws(
      () => parseRemoteUri(uri),
      (error: { code: string; message: string }) => error.code === "REMOTE_URI" && !error.message.includes("hidden"),
      uri,
    );
  }
});

test("are no steps of a pipeline", async () => {
  const uris = ["a.pkl", "oip+http://h/v2/models/m"];
  await assert.rejects(loadPredictor(uris), { code: "REMOTE_URI" });
});
