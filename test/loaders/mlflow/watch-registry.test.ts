// The registry's watcher before a registry that moves, flaps, forgets, lies and goes away.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { watchRegistry } from "../../../src/loaders/mlflow/watch-registry.ts";
import { type Answer, json, type LyingServer, lyingServer } from "./lying-server.ts";

const uri = "models:/m@champion";
const pins = { [uri]: "models:/m/1" };

interface Watched extends AsyncDisposable {
  readonly server: LyingServer;
  readonly notices: string[];
  changes: number;
  answer: Answer;
  end(): void;
}

async function watched(answer: Answer, uris: readonly string[] = [uri]): Promise<Watched> {
  const server = await lyingServer({ "/alias": (...args) => state.answer(...args) });
  const notices: string[] = [];
  const env = { MLFLOW_TRACKING_URI: server.url, HOME: "/nowhere" };
  const watcher = watchRegistry({ intervalMs: 20, env, onNotice: (notice) => notices.push(notice) });
  const watch = watcher.watch({ uris, pins }, () => {
    state.changes++;
  });
  const end = (): void => watch[Symbol.dispose]();
  const dispose = async (): Promise<void> => {
    end();
    await server.close();
  };
  const state: Watched = { server, notices, changes: 0, answer, end, [Symbol.asyncDispose]: dispose };
  return state;
}

function version(number: string, made = 1): Answer {
  return json({ model_version: { name: "m", version: number, creation_timestamp: made } });
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 3000, "it never came");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function looks({ server }: Watched, count: number): Promise<void> {
  const wanted = server.seen.length + count;
  await until(() => server.seen.length >= wanted);
  await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("the registry's watcher", () => {
  test("tells of a moved alias once, also of one that moved before the first look", async () => {
    await using watch = await watched(version("2"));
    await until(() => watch.changes === 1);
    await looks(watch, 3);
    assert.equal(watch.changes, 1);
    watch.answer = version("3");
    await until(() => watch.changes === 2);
  });

  test("says nothing of an alias that stays", async () => {
    await using watch = await watched(version("1"));
    await looks(watch, 4);
    assert.equal(watch.changes, 0);
    assert.deepEqual(watch.notices, []);
  });

  test("tells of a version that was deleted and made again under its number", async () => {
    await using watch = await watched(version("1", 1));
    await looks(watch, 2);
    watch.answer = version("1", 2);
    await until(() => watch.changes === 1);
  });

  test("keeps still before garbage, asks less often, and says so once, and when it is over", async () => {
    await using watch = await watched(json({ model_version: { version: "../../etc" } }));
    await until(() => watch.notices.length === 1);
    await looks(watch, 2);
    assert.equal(watch.changes, 0);
    assert.equal(watch.notices.length, 1);
    watch.answer = version("2");
    await until(() => watch.changes === 1);
    assert.match(watch.notices[1] ?? "", /answers again/);
  });

  test("goes on asking at the same pace while the alias is not there", async () => {
    const missing = { error_code: "INVALID_PARAMETER_VALUE", message: "Registered model alias champion not found." };
    await using watch = await watched(json(missing, 400));
    await looks(watch, 6);
    assert.equal(watch.changes, 0);
    assert.match(watch.notices.join(), /New versions are not seen for now: .*champion not found/);
    watch.answer = version("2");
    await until(() => watch.changes === 1);
  });

  test("asks nothing more after its end, and nothing at all about what does not move", async () => {
    await using watch = await watched(version("1"));
    await looks(watch, 1);
    watch.end();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const asked = watch.server.seen.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(watch.server.seen.length, asked);
    await using still = await watched(version("1"), ["models:/m/1", "runs:/0123/model", "./file.bin", "models:/"]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(still.server.seen, []);
  });
});
