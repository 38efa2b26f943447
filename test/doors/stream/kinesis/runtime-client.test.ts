// `trimaran lambda` as a process inside Lambda: a runtime API of ours hands it events, as the real one does.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { course, kinesisEvent } from "./events.ts";

interface Told {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: unknown;
}

interface RuntimeApi extends AsyncDisposable {
  readonly address: string;
  /** Hands an event over; resolves with what was told of it. */
  invoke(id: string, body: string): Promise<Told>;
  /** What was told beside any event. */
  readonly initError: Promise<Told>;
}

async function startRuntimeApi(): Promise<RuntimeApi> {
  const events: { readonly id: string; readonly body: string }[] = [];
  const waiting: ServerResponse[] = [];
  const told = new Map<string, (told: Told) => void>();
  const init = Promise.withResolvers<Told>();
  const hand = (): void => {
    while (events.length > 0 && waiting.length > 0) {
      const { id, body } = events.shift()!;
      waiting
        .shift()!
        .writeHead(200, {
          "content-type": "application/json",
          "lambda-runtime-aws-request-id": id,
          "lambda-runtime-deadline-ms": String(Date.now() + 30_000),
          "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-west-1:1:function:f",
        })
        .end(body);
    }
  };
  const server = createServer((request, response) => {
    const path = (request.url ?? "").replace("/2018-06-01/runtime/", "");
    if (request.method === "GET" && path === "invocation/next") {
      waiting.push(response);
      hand();
      return;
    }
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const said: Told = { path, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) };
      response.writeHead(202).end("{}");
      if (path === "init/error") init.resolve(said);
      else told.get(path.split("/")[1] ?? "")?.(said);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initError: init.promise,
    invoke(id, body) {
      const { promise, resolve } = Promise.withResolvers<Told>();
      told.set(id, resolve);
      events.push({ id, body });
      hand();
      return promise;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const launcher = new URL("../../../../bin/trimaran", import.meta.url).pathname;
const example = new URL("../../../../examples/ride-duration", import.meta.url).pathname;

function start(api: RuntimeApi, target: string): ChildProcess {
  const { RUN_ID: _, MODEL_URI: __, ...env } = process.env;
  return spawn(process.execPath, [launcher, "lambda", target], {
    env: { ...env, AWS_LAMBDA_RUNTIME_API: api.address, TEST_RUN: "True" },
    stdio: ["ignore", "ignore", "inherit"],
  });
}

describe("inside Lambda", () => {
  test("events are answered one after the other until SIGTERM, which ends it with 0", async () => {
    await using api = await startRuntimeApi();
    const child = start(api, example);
    try {
      for (const id of ["a-1", "a-2"]) {
        const { path, body } = await api.invoke(id, JSON.stringify(kinesisEvent(course)));
        assert.equal(path, `invocation/${id}/response`);
        assert.equal((body as { predictions: readonly unknown[] }).predictions.length, 1);
      }
      const { path, headers, body } = await api.invoke("a-3", '{"no":"stream"}');
      assert.equal(path, "invocation/a-3/error");
      assert.equal(headers["lambda-runtime-function-error-type"], "Trimaran.LAMBDA_EVENT");
      assert.equal((body as { errorType: string }).errorType, "LAMBDA_EVENT");
      assert.equal((await api.invoke("a-4", "{")).path, "invocation/a-4/error");
      child.kill("SIGTERM");
      assert.deepEqual(await once(child, "exit"), [0, null]);
    } finally {
      child.kill("SIGKILL");
    }
  });

  test("a function that cannot start says why, and ends", async () => {
    await using api = await startRuntimeApi();
    const child = start(api, `${example}/nothing.ts`);
    const exited = once(child, "exit");
    const { body, headers } = await api.initError;
    assert.match(String(headers["lambda-runtime-function-error-type"]), /^Trimaran\./);
    assert.ok((body as { errorMessage: string }).errorMessage.length > 0);
    assert.deepEqual(await exited, [1, null]);
  });
});
