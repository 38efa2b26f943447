// Models by MLflow's URIs from servers that lie, break, move and go away.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isTrimaranError, type TrimaranError } from "../../../src/base/errors.ts";
import { type FetchedModel, type FetchModelOptions, fetchModel } from "../../../src/loaders/mlflow/fetch-model.ts";
import { type Answer, json, lyingServer, modelBytes } from "./lying-server.ts";

const uri = "models:/m@champion";
const secret = "s3cret-token";

interface Home extends AsyncDisposable {
  readonly home: string;
  readonly notices: string[];
  readonly fetch: (server: string, uri: string, more?: FetchModelOptions) => Promise<FetchedModel>;
  readonly refusal: (server: string, uri: string, more?: FetchModelOptions) => Promise<TrimaranError>;
}

async function openHome(): Promise<Home> {
  const home = await mkdtemp(join(tmpdir(), "trimaran-mlflow-"));
  const notices: string[] = [];
  const fetch = (server: string, asked: string, more: FetchModelOptions = {}): Promise<FetchedModel> =>
    fetchModel(asked, {
      home,
      env: { MLFLOW_TRACKING_URI: server, MLFLOW_TRACKING_TOKEN: secret, HOME: home },
      maxRetries: 0,
      onNotice: (notice) => notices.push(notice),
      ...more,
    });
  return {
    home,
    notices,
    fetch,
    refusal: async (server, asked, more) => {
      try {
        await fetch(server, asked, more);
      } catch (error) {
        assert.ok(isTrimaranError(error), String(error));
        // No error holds the credentials, wherever one looks.
        assert.doesNotMatch(everything(error), new RegExp(secret));
        return error;
      }
      assert.fail("it was accepted");
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

function everything(error: unknown): string {
  if (!(error instanceof Error)) return JSON.stringify(error) ?? "";
  const own = Object.getOwnPropertyNames(error).map((name) => String(Reflect.get(error, name)));
  return `${own.join("\n")}\n${error.stack}\n${everything(error.cause)}`;
}

async function refused(
  routes: Readonly<Record<string, Answer>>,
  asked = uri,
  more: FetchModelOptions = {},
): Promise<TrimaranError> {
  await using place = await openHome();
  await using server = await lyingServer(routes);
  const error = await place.refusal(server.url, asked, more);
  const left = await readdir(join(place.home, "cache", "models")).catch(() => []);
  assert.deepEqual(
    left.filter((name) => name.startsWith(".new-")),
    [],
    "nothing half is left",
  );
  return error;
}

describe("a model of a tracking server", () => {
  test("is found by its alias, downloaded once, and told with its version", async () => {
    await using place = await openHome();
    await using server = await lyingServer();
    const { path, version } = await place.fetch(server.url, uri);
    assert.equal(version, "1");
    assert.deepEqual(await readFile(join(path, "MLmodel")), modelBytes);
    const before = server.seen.length;
    assert.equal((await place.fetch(server.url, uri)).path, path);
    assert.ok(!server.seen.slice(before).some((each) => each.endsWith("/MLmodel")));
    assert.ok(server.headers.every(({ authorization }) => authorization === `Bearer ${secret}`));
  });

  test("opens from the cache when the server is gone, says so, and not when that is forbidden", async () => {
    await using place = await openHome();
    const server = await lyingServer();
    const { path } = await place.fetch(server.url, uri);
    await server.close();
    assert.deepEqual(await place.fetch(server.url, uri).then((each) => [each.path, each.version]), [path, "1"]);
    assert.match(place.notices.join(), /^models:\/m@champion is the copy of 2\d{3}-.*, version 1: .*does not answer/);
    assert.equal((await place.refusal(server.url, uri, { requireTracking: true })).code, "TRACKING_REQUIRED");
    assert.equal((await place.refusal(server.url, "models:/other@champion")).code, "TRACKING_UNREACHABLE");
    await writeFile(join(path, "MLmodel"), "changed");
    assert.equal((await place.refusal(server.url, uri)).code, "TRACKING_UNREACHABLE", "a changed copy is no copy");
  });

  test("an alias that is not there any more is an answer, not an outage", async () => {
    await using place = await openHome();
    let isThere = true;
    const gone = json(
      { error_code: "INVALID_PARAMETER_VALUE", message: "Registered model alias champion not found." },
      400,
    );
    const there = json({ model_version: { version: "1" } });
    await using server = await lyingServer({
      "/registered-models/alias": (...call) => (isThere ? there(...call) : gone(...call)),
    });
    await place.fetch(server.url, uri);
    isThere = false;
    assert.equal((await place.refusal(server.url, uri)).code, "TRACKING_MISSING");
  });

  test("several at once download the same model without harm", async () => {
    await using place = await openHome();
    await using server = await lyingServer(
      {},
      Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, Buffer.from(`${i}`)])),
    );
    const fetched = await Promise.all(Array.from({ length: 6 }, () => place.fetch(server.url, uri)));
    assert.equal(new Set(fetched.map(({ path }) => path)).size, 1);
    assert.equal((await readdir(fetched[0]?.path ?? "")).length, 40);
  });

  test("the cache stays within its size", async () => {
    await using place = await openHome();
    for (let each = 0; each < 4; each++) {
      await using server = await lyingServer({}, { MLmodel: Buffer.alloc(1000, each) });
      await place.fetch(server.url, uri, { maxCacheBytes: 2500 });
    }
    const entries = (await readdir(join(place.home, "cache", "models"))).filter((name) => /^[0-9a-f]{64}$/.test(name));
    assert.equal(entries.length, 2);
  });
});

describe("an artifact that breaks", () => {
  const cutAt20: Answer = (request, response) => {
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const whole = modelBytes.length;
    const range = from === 0 ? {} : { "content-range": `bytes ${from}-${whole - 1}/${whole}` };
    response.writeHead(from === 0 ? 200 : 206, { "content-length": whole - from, ...range });
    response.write(modelBytes.subarray(from, from + 20), () => from + 20 < whole && request.socket.destroy());
    if (from + 20 >= whole) response.end();
  };

  test("is resumed where it broke", async () => {
    await using place = await openHome();
    await using server = await lyingServer({ "/artifacts/MLmodel": cutAt20 });
    const { path } = await place.fetch(server.url, uri);
    assert.deepEqual(await readFile(join(path, "MLmodel")), modelBytes);
  });

  test("begins anew with a server that knows no ranges", async () => {
    await using place = await openHome();
    let count = 0;
    await using server = await lyingServer({
      "/artifacts/MLmodel": (request, response) => {
        response.writeHead(200, { "content-length": modelBytes.length });
        if (count++ === 0) response.write(modelBytes.subarray(0, 9), () => request.socket.destroy());
        else response.end(modelBytes);
      },
    });
    const { path } = await place.fetch(server.url, uri);
    assert.deepEqual(await readFile(join(path, "MLmodel")), modelBytes);
  });

  test("is refused when it never comes whole, or is of another size than was listed", async () => {
    const never: Answer = (request, response) => {
      response.writeHead(200, { "content-length": 50 });
      response.write("x", () => request.socket.destroy());
    };
    assert.equal((await refused({ "/artifacts/MLmodel": never })).code, "ARTIFACT_CUT");
    assert.equal(
      (await refused({ "/artifacts/MLmodel": (_, response) => response.end("short") })).code,
      "ARTIFACT_CUT",
    );
  });

  test("a file that is listed and not there is missing", async () => {
    const gone = json({ error_code: "RESOURCE_DOES_NOT_EXIST", message: "no" }, 404);
    assert.equal((await refused({ "/artifacts/MLmodel": gone })).code, "ARTIFACT_MISSING");
  });
});

describe("a hostile server", () => {
  const lists = (...paths: readonly string[]): Record<string, Answer> => ({
    "/mlflow-artifacts/artifacts": json({ files: paths.map((path) => ({ path, is_dir: false, file_size: 1 })) }),
  });

  test("cannot write outside of the cache", async () => {
    for (const path of ["../x", "..", ".", "", "/etc/x", "a/../../x", "..\\x", "C:", "a\0b", "x/y", "\ud800"]) {
      assert.equal((await refused(lists(path))).code, "ARTIFACT_UNSAFE", JSON.stringify(path));
    }
    assert.equal((await refused(lists("MLmodel", "mlmodel"))).code, "ARTIFACT_UNSAFE");
  });

  test("cannot list without end", async () => {
    const folders = json({ files: [{ path: "deeper", is_dir: true }] });
    assert.equal((await refused({ "/mlflow-artifacts/artifacts": folders })).code, "ARTIFACT_LIMIT");
    const many = lists(...Array.from({ length: 20_000 }, (_, i) => `f${i}`));
    assert.equal((await refused(many)).code, "ARTIFACT_LIMIT");
    const large = json({ files: [{ path: "a", file_size: 2 ** 40 }] });
    assert.equal((await refused({ "/mlflow-artifacts/artifacts": large })).code, "ARTIFACT_LIMIT");
  });

  test("cannot send without end", async () => {
    const endless: Answer = (_, response) => {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more);
      more();
    };
    assert.equal((await refused({ "/artifacts/MLmodel": endless }, uri, { maxBytes: 2 ** 20 })).code, "ARTIFACT_LIMIT");
    assert.equal((await refused({ "/registered-models/alias": endless })).code, "TRACKING_ANSWER");
  });

  test("cannot lead us to another host or into this machine", async () => {
    const away: Answer = (_, response) =>
      response.writeHead(302, { location: "http://169.254.169.254/latest/meta-data" }).end();
    assert.equal((await refused({ "/registered-models/alias": away })).code, "TRACKING_ANSWER");
    assert.equal((await refused({ "/artifacts/MLmodel": away })).code, "TRACKING_ANSWER");
    const places: readonly (readonly [string, string])[] = [
      ["http://169.254.169.254/latest", "ARTIFACT_UNSAFE"],
      ["mlflow-artifacts://169.254.169.254/x", "ARTIFACT_UNSAFE"],
      ["mlflow-artifacts:/1/../../etc", "MODEL_URI"],
      ["mlflow-artifacts:/1/%2e%2e/%252e%252e/etc", "MODEL_URI"],
      ["dbfs:/etc", "MODEL_URI"],
      ["s3://", "MODEL_URI"],
    ];
    for (const [artifact_uri, code] of places) {
      assert.equal((await refused({ "/get-download-uri": json({ artifact_uri }) })).code, code, artifact_uri);
    }
  });

  test("answers of the wrong shape are told as such", async () => {
    const shapes: readonly unknown[] = [
      [],
      "x",
      null,
      { model_version: [] },
      { model_version: { version: 7 } },
      {},
      { model_version: { version: "../1" } },
    ];
    for (const shape of shapes) {
      assert.equal(
        (await refused({ "/registered-models/alias": json(shape) })).code,
        "TRACKING_ANSWER",
        JSON.stringify(shape),
      );
    }
    const page: Answer = (_, response) => response.end("<html>log in</html>");
    assert.equal((await refused({ "/registered-models/alias": page })).code, "TRACKING_ANSWER");
    const noPath: Answer = (_, response) => response.writeHead(404).end("<html>");
    assert.equal((await refused({ "/registered-models/alias": noPath })).code, "TRACKING_UNSUPPORTED");
    for (const status of [401, 403]) {
      const denied: Answer = (request, response) =>
        response.writeHead(status).end(`no: ${request.headers.authorization}`);
      assert.equal((await refused({ "/registered-models/alias": denied })).code, "TRACKING_DENIED");
    }
  });

  test("a busy one is asked again when it says so", async () => {
    await using place = await openHome();
    let count = 0;
    const there = json({ model_version: { version: "1" } });
    await using server = await lyingServer({
      "/registered-models/alias": (request, response, url) =>
        count++ < 2 ? void response.writeHead(429, { "retry-after": "0" }).end() : there(request, response, url),
    });
    assert.equal((await place.fetch(server.url, uri, { maxRetries: 3 })).version, "1");
  });
});

describe("a URI", () => {
  test("that is none is told before anything is asked", async () => {
    await using place = await openHome();
    await using server = await lyingServer();
    const wrong = [
      "runs:/",
      "runs:/abc",
      "runs:/a b/model",
      "runs:/r/../x",
      "models:/",
      "models:/m",
      "models:/m/x",
      "models:/m/1?x",
      "runs:/r/a\\b",
      "s3://b/../x",
    ];
    for (const each of wrong) assert.equal((await place.refusal(server.url, each)).code, "MODEL_URI", each);
    assert.deepEqual(server.seen, []);
  });

  test("with a password keeps it out of messages and of the cache", async () => {
    await using place = await openHome();
    await using server = await lyingServer({ "/secret.bin": (_, response) => response.end("bytes") });
    const url = server.url.replace("://", "://me:hunter2@");
    await place.fetch(server.url, `${url}/secret.bin`);
    const index = join(place.home, "cache", "models", "index");
    for (const file of await readdir(index)) assert.doesNotMatch(await readFile(join(index, file), "utf8"), /hunter2/);
    assert.doesNotMatch(everything(await place.refusal(server.url, `${url}/other.bin`)), /hunter2/);
    assert.ok(
      server.headers.every(({ authorization }) => authorization !== `Bearer ${secret}`),
      "the token is for the tracking server",
    );
  });
});
