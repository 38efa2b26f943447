// Where files of a run may be put on a server's word, and that they arrive: through the server, on this disk, in a real S3 store.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../../src/base/errors.ts";
import { putFiles } from "../../../src/loaders/mlflow/put-files.ts";
import { openTrackingClient, type Tracking } from "../../../src/loaders/mlflow/tracking.ts";
import { s3Gateway, skipS3 } from "../../io/blobs/s3-gateway.ts";

interface Place extends AsyncDisposable {
  readonly path: string;
  /** Holds `a.txt` and `sub/b.txt`. */
  readonly files: string;
  readonly tracking: Tracking;
}

async function place(): Promise<Place> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-put-"));
  const files = join(path, "files");
  await mkdir(join(files, "sub"), { recursive: true });
  await writeFile(join(files, "a.txt"), "one");
  await writeFile(join(files, "sub/b.txt"), "two");
  const home = join(path, "home");
  const tracking = await openTrackingClient({ env: {}, home, createsStore: true, onNotice: () => {} });
  return {
    path,
    files,
    tracking,
    async [Symbol.asyncDispose]() {
      await tracking.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}

const names = ["a.txt", "sub/b.txt"];

describe("files of a run", () => {
  test("go through the server, and onto this disk where it is the server's own", async () => {
    await using here = await place();
    const { tracking, files: folder, path } = here;
    await putFiles(tracking, { location: "mlflow-artifacts:/0/run/artifacts", folder, names, env: {} });
    assert.equal(await readFile(join(path, "home/artifacts/0/run/artifacts/sub/b.txt"), "utf8"), "two");
    for (const location of [join(path, "plain"), `file://${path}/uri`]) {
      await putFiles(tracking, { location, folder, names, env: {} });
    }
    assert.equal(await readFile(join(path, "plain/a.txt"), "utf8"), "one");
    assert.equal(await readFile(join(path, "uri/sub/b.txt"), "utf8"), "two");
  });

  test("go into a bucket", { skip: skipS3 }, async () => {
    await using here = await place();
    await using store = await s3Gateway();
    const { tracking, files: folder } = here;
    await putFiles(tracking, { location: `s3://${store.bucket}/1/run/artifacts`, folder, names, env: store.env });
    assert.equal(await readFile(join(store.data, "1/run/artifacts/sub/b.txt"), "utf8"), "two");
  });

  test("go nowhere that a server leads them to", async () => {
    await using here = await place();
    const far: Tracking = { ...here.tracking, isLocal: false };
    const codeOf = async (tracking: Tracking, location: string, wanted = names): Promise<string> => {
      try {
        await putFiles(tracking, { location, folder: here.files, names: wanted, env: {} });
      } catch (error) {
        return isTrimaranError(error) ? error.code : String(error);
      }
      return "nothing";
    };
    assert.equal(await codeOf(far, join(here.path, "far")), "ARTIFACT_LOCAL");
    assert.equal(await codeOf(far, `file://${here.path}/far`), "ARTIFACT_LOCAL");
    assert.equal(await codeOf(far, "mlflow-artifacts:/../../etc"), "MODEL_URI");
    assert.equal(await codeOf(far, "mlflow-artifacts:/%2e%2e/x"), "MODEL_URI");
    assert.equal(await codeOf(far, "https://elsewhere.example/x"), "ARTIFACT_STORE");
    assert.equal(await codeOf(far, "dbfs:/x"), "ARTIFACT_STORE");
    assert.equal(await codeOf(here.tracking, "mlflow-artifacts:/0/run", ["../a.txt"]), "MODEL_URI");
    const { network, client, transport } = await openTrackingClient({
      env: { MLFLOW_TRACKING_URI: "http://127.0.0.1:9" },
    });
    const remote = { ...far, network, client, transport };
    assert.equal(await codeOf(remote, "mlflow-artifacts://elsewhere.example/0/run"), "ARTIFACT_UNSAFE");
  });
});
