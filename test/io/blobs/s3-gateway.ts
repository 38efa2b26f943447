// A real S3-compatible server over a folder of its own, for suites: versitygw, or why there is none.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../../../scripts/free-ports.ts";
import { makeS3Server } from "../../../scripts/s3-server.ts";

const program = await makeS3Server().catch(() => undefined);

/** For a test's options. */
export const skipS3: string | false =
  program === undefined ? "the S3 server cannot be built: Go, or its module proxy, is missing" : false;

export const s3Secret = "s3cret-key-of-a-test";

export interface S3Gateway extends AsyncDisposable {
  /** What a client needs: keys, region and endpoint. */
  readonly env: Readonly<Record<string, string>>;
  /** What the bucket holds, as files. */
  readonly data: string;
  readonly bucket: string;
  stop(): Promise<void>;
}

export async function s3Gateway(bucket = "artifacts"): Promise<S3Gateway> {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-s3-"));
  const data = join(folder, "data", bucket);
  await mkdir(data, { recursive: true });
  const port = await freePort();
  const keys = { AWS_ACCESS_KEY_ID: "trimaran", AWS_SECRET_ACCESS_KEY: s3Secret, AWS_REGION: "us-east-1" };
  const secrets = ["--access", keys.AWS_ACCESS_KEY_ID, "--secret", keys.AWS_SECRET_ACCESS_KEY];
  const meta = join(folder, "meta");
  await mkdir(meta);
  const args = ["--port", `127.0.0.1:${port}`, ...secrets, "posix", "--sidecar", meta, join(folder, "data")];
  const server = spawn(program ?? "", args, { cwd: folder, stdio: "ignore" });
  const ended = once(server, "exit");
  const endpoint = `http://127.0.0.1:${port}`;
  for (;;) {
    if (server.exitCode !== null) throw new Error(`versitygw ended with ${server.exitCode}`);
    if (await fetch(endpoint).catch(() => null)) break;
    await wait(50);
  }
  const stop = async (): Promise<void> => {
    server.kill("SIGKILL");
    await ended;
  };
  return {
    env: { ...keys, MLFLOW_S3_ENDPOINT_URL: endpoint },
    data,
    bucket,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
