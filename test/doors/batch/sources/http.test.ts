// `trimaran score` from HTTP: a real server of files that cuts, refuses, redirects and changes.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, test } from "node:test";
import { courseBatch, makeRides, type Rides, ridesSql } from "../rides.ts";

interface FileServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: { readonly url: string; readonly range: string | undefined; readonly user: string | undefined }[];
  /** Answers instead; true: it did. */
  before: (asked: IncomingMessage, answer: ServerResponse) => boolean;
  bytes: Buffer;
  etag: string | null;
}

async function fileServer(bytes: Buffer): Promise<FileServer> {
  const asked: FileServer["asked"] = [];
  const server = createServer((incoming, outgoing) => {
    const { url = "", headers } = incoming;
    asked.push({ url, range: headers.range, user: headers.authorization });
    if (files.before(incoming, outgoing)) return;
    const tag = files.etag === null ? {} : { etag: files.etag };
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "") ?? [];
    const whole = files.bytes;
    if (from === undefined || (headers["if-range"] !== undefined && headers["if-range"] !== files.etag)) {
      outgoing.writeHead(200, { ...tag, "content-length": whole.length });
      outgoing.end(whole);
      return;
    }
    const start = Number(from);
    const end = to === "" || to === undefined ? whole.length - 1 : Math.min(Number(to), whole.length - 1);
    if (start >= whole.length) {
      outgoing.writeHead(416, { ...tag, "content-range": `bytes */${whole.length}` });
      outgoing.end();
      return;
    }
    const range = `bytes ${start}-${end}/${whole.length}`;
    outgoing.writeHead(206, { ...tag, "content-range": range, "content-length": end - start + 1 });
    outgoing.end(whole.subarray(start, end + 1));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const files: FileServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    before: () => false,
    bytes,
    etag: '"first"',
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
  return files;
}

interface Fixture extends AsyncDisposable {
  readonly rides: Rides;
  readonly files: FileServer;
  /** Exit code and the error's code. */
  fails(url: string): Promise<[number | null, string]>;
  readonly definition: string;
}

async function fixture(): Promise<Fixture> {
  const rides = await makeRides();
  const path = await rides.copy(ridesSql(0, 20_000), "rides.parquet");
  const files = await fileServer(await readFile(path));
  const definition = await rides.definition(courseBatch);
  return {
    rides,
    files,
    definition,
    async fails(url) {
      const ran = await rides.run([definition, "-i", url, "-o", "out.parquet", "--json"]);
      assert.deepEqual(
        (await readdir(rides.path)).filter((name) => name.startsWith("out")),
        [],
      );
      const { error } = JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "{}");
      assert.ok(!JSON.stringify(error).includes("s3cret"), "a secret is shown");
      return [ran.code, error.code];
    },
    async [Symbol.asyncDispose]() {
      await files[Symbol.asyncDispose]();
      await rides[Symbol.asyncDispose]();
    },
  };
}

describe("trimaran score from HTTP", () => {
  test("reads a file, with user and token, which are neither shown nor kept, and knows that it did", async () => {
    await using all = await fixture();
    const { rides, files, definition } = all;
    const url = `${files.url.replace("//", "//me:s3cret@")}/data/2021-03.parquet?token=s3cret`;
    const ran = await rides.run([definition, "-i", url, "-o", "out.parquet", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(files.asked[0]?.user, `Basic ${Buffer.from("me:s3cret").toString("base64")}`);
    const manifest = await readFile(rides.at(".out.parquet.trimaran/manifest.json"), "utf8");
    assert.ok(!manifest.includes("s3cret") && !ran.stdout.includes("s3cret") && !ran.stderr.includes("s3cret"));
    const [input] = JSON.parse(manifest).inputs;
    assert.equal(input.name, "2021-03");
    assert.equal(input.etag, '"first"');
    assert.equal(input.size, files.bytes.length);
    const plan = await rides.run([definition, "-i", url, "-o", "out.parquet", "--json", "--dry-run"]);
    assert.equal(JSON.parse(plan.stdout).state, "done");
    files.etag = '"second"';
    const changed = await rides.run([definition, "-i", url, "-o", "out.parquet", "--json", "--dry-run"]);
    assert.equal(JSON.parse(changed.stdout).state, "changed");
  });

  test("goes on behind what came when the connection was cut; without a strong tag it begins anew", async () => {
    await using all = await fixture();
    const { rides, files, definition } = all;
    const local = await rides.run([definition, "-i", "rides.parquet", "-o", "local.parquet"]);
    assert.equal(local.code, 0, local.stderr);
    for (const etag of ['"first"', 'W/"first"', null]) {
      files.etag = etag;
      files.asked.length = 0;
      let cut = 0;
      files.before = ({ headers }, answer) => {
        if (headers.range === "bytes=0-0" || cut++ > 1) return false;
        const tag = etag === null ? {} : { etag };
        const from = Number(/bytes=(\d+)/.exec(headers.range ?? "")?.[1] ?? 0);
        const { length } = files.bytes;
        if (from > 0)
          answer.writeHead(206, {
            ...tag,
            "content-range": `bytes ${from}-${length - 1}/${length}`,
            "content-length": length - from,
          });
        else answer.writeHead(200, { ...tag, "content-length": length });
        answer.write(files.bytes.subarray(from, from + 30_000));
        setTimeout(() => answer.destroy(), 30);
        return true;
      };
      const ran = await rides.run([definition, "-i", `${files.url}/rides.parquet`, "-o", "out.parquet"]);
      assert.equal(ran.code, 0, ran.stderr);
      assert.deepEqual(await readFile(rides.at("out.parquet")), await readFile(rides.at("local.parquet")));
      const ranges = files.asked.map(({ range }) => range).filter((range) => range !== "bytes=0-0");
      const isStrong = etag === '"first"';
      assert.deepEqual(
        ranges.slice(1).map((range) => range === undefined),
        isStrong ? [false, false] : [true, true],
      );
    }
  });

  test("a file that changes between two answers, or after it was read, publishes nothing and ends with 75", async () => {
    await using all = await fixture();
    const { files, fails } = all;
    const other = Buffer.from(files.bytes).reverse();
    let count = 0;
    files.before = ({ headers }) => {
      if (headers.range !== "bytes=0-0" || count++ === 0) return false;
      files.etag = '"second"';
      return false;
    };
    assert.deepEqual(await fails(`${files.url}/rides.parquet`), [75, "BATCH_CHANGED"]);
    files.etag = '"first"';
    files.before = ({ headers }, answer) => {
      if (headers.range === "bytes=0-0") return false;
      answer.writeHead(200, { etag: '"first"', "content-length": files.bytes.length });
      answer.write(files.bytes.subarray(0, 1000));
      setTimeout(() => answer.destroy(), 20);
      files.etag = '"second"';
      files.bytes = other;
      files.before = () => false;
      return true;
    };
    assert.deepEqual(await fails(`${files.url}/rides.parquet`), [75, "BATCH_CHANGED"]);
  });

  test("answers that may be others later end with 75, those that stay with 1; no redirect leads to another host", async () => {
    await using all = await fixture();
    const { files, fails, rides, definition } = all;
    const always = (status: number, headers: Record<string, string> = {}): void => {
      files.before = (_, answer) => {
        answer.writeHead(status, headers);
        answer.end("s3cret words of the server");
        return true;
      };
    };
    const url = `${files.url.replace("//", "//me:s3cret@")}/rides.parquet?token=s3cret`;
    always(503);
    assert.deepEqual(await fails(url), [75, "BATCH_SOURCE"]);
    always(404);
    assert.deepEqual(await fails(url), [1, "FILE_NOT_FOUND"]);
    always(403);
    assert.deepEqual(await fails(url), [1, "BATCH_REFUSED"]);
    always(302, { location: "http://169.254.169.254/latest/meta-data" });
    assert.deepEqual(await fails(url), [1, "BATCH_REFUSED"]);
    always(200, { "content-encoding": "gzip" });
    assert.deepEqual(await fails(url), [1, "BATCH_REFUSED"]);
    files.before = ({ socket }) => {
      socket.destroy();
      return true;
    };
    assert.deepEqual(await fails(url), [75, "BATCH_SOURCE"]);
    assert.deepEqual(await fails("http://127.0.0.1:1/x.parquet"), [75, "BATCH_SOURCE"]);
    assert.deepEqual(await fails("http://[bad/x.parquet"), [1, "BATCH_URL"]);
    files.before = () => false;
    files.bytes = Buffer.alloc(0);
    assert.deepEqual(await fails(url), [1, "BATCH_EMPTY"]);
    const out = await rides.run([definition, "-i", "rides.parquet", "-o", `${files.url}/out.parquet`]);
    assert.equal(out.code, 1);
    assert.match(out.stderr, /does not write to `http:`/);
  });

  test("waits where a server is out of service for a moment", async () => {
    await using all = await fixture();
    const { files, rides, definition } = all;
    let refused = 0;
    files.before = (_, answer) => {
      if (refused++ > 1) return false;
      answer.writeHead(503).end();
      return true;
    };
    const ran = await rides.run([definition, "-i", `${files.url}/rides.parquet`, "-o", "out.parquet"]);
    assert.equal(ran.code, 0, ran.stderr);
  });
});
