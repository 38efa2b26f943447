// What a hostile client sends to the artifact stores, byte by byte: it gets a refusal in the protocol's shape, and nothing of what
// lies outside, over a folder and over S3.
import assert from "node:assert/strict";
import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { trackingServer } from "../tracking-server.ts";
import { api, artifactKinds, newRun, proxy } from "./artifact-kinds.ts";

/** The status and body of what is sent as it stands. */
function raw(port: number, text: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answer = "";
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      answer += chunk;
    });
    socket.once("error", reject);
    socket.once("close", () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0), text: answer }));
    socket.write(text, "latin1");
  });
}

const climbing = [
  "..", "../x", "../../etc/passwd", "a/../../x", "%2e%2e/x", "%2E%2E%2Fx", "%252e%252e%252fx", "%25252e%25252e%25252fx", "..%2fx", "..%5cx", "..\\x", "a%5c..%5c..%5cx",
  "..;/x", "a/..;/../x", "%2e%2e;/x", "/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "C:/x", "C:%5cwindows", "c:x", "%5c%5chost%5cshare", "file:///etc/passwd", "file:%2f%2f/etc",
  "a%00b", "a%00/../x", "a%0ab", "a%0d%0aX-Evil:1", "a%23b", "a%3fb", ".", "./x", "a/./b", "a//b", "%20", "%09", ".trimaran/signing.key", "%2etrimaran/signing.key", ".trimaran/uploads/x",
  "%7f", "%c2%85", `${"a".repeat(256)}`, `${"a/".repeat(1500)}b`, "..%c0%afx", "%c0%ae%c0%ae/x", "%zz/../x", "%u002e%u002e/x", "%252e%252e%252f%25zz", "a/%252e%252e/%25",
]; // biome-ignore format: a list

for (const { name, skip, open } of artifactKinds) {
  test(`${name}: no path leads out, however it is written, by any method and route`, { skip }, async () => {
    await using server = await open();
    const run = await newRun(server);
    const kept = `${proxy}/0/${run}/artifacts/kept.txt`;
    assert.equal((await server.ask("PUT", kept, "kept")).status, 200);
    for (const path of climbing) {
      for (const method of ["GET", "PUT", "DELETE", "HEAD"]) {
        const head = `${method} ${proxy}/${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n`;
        const { status, text } = await raw(
          server.port,
          `${head}${method === "PUT" ? "content-length: 1\r\n\r\nx" : "\r\n"}`,
        );
        assert.ok(status === 400 || status === 404, `${method} ${path}: ${status}`);
        assert.ok(!/root:|^x-evil/im.test(text), path);
      }
      const gets = [
        `${proxy}?path=${path}`,
        `${api}/artifacts/list?run_id=${run}&path=${path}`,
        `/get-artifact?run_id=${run}&path=${path}`,
        `/api/2.0/mlflow-artifacts/presigned/${path}`,
      ];
      for (const target of gets) {
        const { status } = await raw(
          server.port,
          `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
        );
        // A name that is only odd is not found, or is an empty folder.
        assert.ok(
          status === 400 ||
            status === 404 ||
            /^(\.\.%c0|%c0|%zz|%u002e|%7f|%c2|a#|a\?)/.test(path) ||
            (status === 200 && !/\.\.|%2e/i.test(path)),
          `${target}: ${status}`,
        );
      }
      const { status } = await server.ask(
        "POST",
        `/api/2.0/mlflow-artifacts/mpu/create/${path.replaceAll(" ", "%20")}`,
        { path: "x", num_parts: 1 },
      );
      assert.ok(status === 400 || status === 404, `mpu ${path}: ${status}`);
    }
    assert.equal((await server.ask("GET", kept)).text, "kept");
    assert.deepEqual(
      ((await server.ask("GET", `${proxy}?path=`)).json["files"] as { path: string }[]).map(({ path }) => path),
      ["0"],
    );
  });

  test(`${name}: what is an attack on whoever shows the files is sent so that it does not work`, { skip }, async () => {
    await using server = await open();
    const path = `${proxy}/0/r/artifacts/${encodeURIComponent('"><script>.html')}`;
    assert.equal((await server.ask("PUT", path, "<script>alert(1)</script>")).status, 200);
    const { headers } = await server.ask("GET", path);
    assert.match(
      String(headers["content-disposition"]),
      /^attachment; filename="_><script>\.html"; filename\*=UTF-8''%22%3E%3Cscript%3E\.html$/,
    );
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["content-security-policy"], "sandbox; default-src 'none'");
  });

  test(`${name}: too much is refused with a reason, and the connection goes on`, { skip }, async () => {
    await using server = await open({ maxArtifactBytes: 1000 });
    const path = `${proxy}/0/r/artifacts/big`;
    const body = "x".repeat(200_000);
    const put = `PUT ${path} HTTP/1.1\r\nhost: localhost\r\n`;
    const chunked = `${put}transfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
    const next = "GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    for (const text of [`${put}content-length: ${body.length}\r\n\r\n${body}${next}`, `${chunked}${next}`]) {
      const answer = await raw(server.port, text);
      assert.equal(answer.status, 400);
      assert.match(answer.text, /INVALID_PARAMETER_VALUE[\s\S]*HTTP\/1\.1 200 OK[\s\S]*OK$/);
    }
    const parts = Array.from({ length: 10_001 }, (_, at) => ({ part_number: at + 1, etag: "x" }));
    const finish = await server.ask("POST", "/api/2.0/mlflow-artifacts/mpu/complete/0/r/artifacts", {
      path: "x",
      upload_id: "../../x",
      parts,
    });
    assert.equal(finish.status, 400);
    assert.equal((await server.ask("GET", path)).status, 404);
  });
}

test("parts are held to the limit of a file, one by one and together", async () => {
  await using server = await trackingServer({ maxArtifactBytes: 1000 });
  const mpu = "/api/2.0/mlflow-artifacts/mpu";
  const begun = await server.ask("POST", `${mpu}/create/0/r/artifacts`, { path: "x", num_parts: 3 });
  const { upload_id, credentials } = begun.json as { upload_id: string; credentials: { url: string }[] };
  const put = (at: number, bytes: number): Promise<Response> =>
    fetch(credentials[at]?.url ?? "", { method: "PUT", body: "x".repeat(bytes) });
  assert.equal((await put(0, 1001)).status, 400);
  const etags = await Promise.all([0, 1].map(async (at) => (await put(at, 600)).headers.get("etag") ?? ""));
  const parts = etags.map((etag, at) => ({ part_number: at + 1, etag }));
  assert.equal(
    (await server.ask("POST", `${mpu}/complete/0/r/artifacts`, { path: "x", upload_id, parts })).status,
    400,
  );
  assert.equal((await server.ask("GET", `${proxy}/0/r/artifacts/x`)).status, 404);
});

test("signed URLs cannot be bent to another file, act, part or time", async () => {
  await using server = await trackingServer();
  const begun = await server.ask("POST", "/api/2.0/mlflow-artifacts/mpu/create/0/r/artifacts", {
    path: "x",
    num_parts: 2,
  });
  const { credentials } = begun.json as { credentials: { url: string }[] };
  const url = new URL(credentials[0]?.url ?? "");
  const bent = (change: (bent: URL) => void): string => {
    const other = new URL(url);
    change(other);
    return `${other.pathname}${other.search}`;
  };
  const targets = [
    bent((each) => each.searchParams.set("number", "2")),
    bent((each) => each.searchParams.set("number", "1e0")),
    bent((each) => each.searchParams.append("number", "2")).replace(/&number=1/, ""),
    bent((each) => each.searchParams.set("upload", "x")),
    bent((each) => each.searchParams.set("expires", "99999999999")),
    bent((each) => each.searchParams.delete("signature")),
    bent((each) => { each.pathname = each.pathname.replace("/part/", "/write/"); }),
    bent((each) => { each.pathname = each.pathname.replace(/x$/, "y"); }),
  ]; // biome-ignore format: a list
  for (const target of targets.slice(0, 1).concat(targets.slice(2))) {
    assert.equal((await server.ask("PUT", target, "evil")).status, 403, target);
  }
  assert.equal((await server.ask("GET", `${url.pathname}${url.search}`)).status, 403);
  assert.equal((await server.ask("PUT", `${url.pathname}${url.search}`, "part")).status, 200);
});

test("links, pipes and sockets in the folder are not followed, read or shown", async () => {
  await using server = await trackingServer();
  const folder = join(server.artifacts, "0/r/artifacts");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(server.folder, "secret"), "secret");
  symlinkSync("/etc", join(folder, "etc"));
  symlinkSync(join(server.folder, "secret"), join(folder, "secret"));
  symlinkSync("loop", join(folder, "loop"));
  const { execFileSync } = await import("node:child_process");
  execFileSync("mkfifo", [join(folder, "pipe")]);
  for (const path of ["etc/passwd", "secret", "loop", "loop/x", "pipe"]) {
    assert.equal((await server.ask("GET", `${proxy}/0/r/artifacts/${path}`)).status, 404, path);
    assert.equal((await server.ask("PUT", `${proxy}/0/r/artifacts/${path}`, "x")).status, 409, path);
  }
  assert.deepEqual((await server.ask("GET", `${proxy}?path=0/r/artifacts`)).json, {});
  assert.equal((await server.ask("DELETE", `${proxy}/0/r/artifacts/etc`)).status, 200);
  assert.ok(readdirSync("/etc").includes("passwd"));
});

test("a folder of 100,000 files is listed while others are answered", async () => {
  await using server = await trackingServer();
  const folder = join(server.artifacts, "0/r/artifacts");
  mkdirSync(folder, { recursive: true });
  const first = join(folder, "f0");
  writeFileSync(first, "x");
  // A file may have 65,000 names on common disks.
  for (let at = 1; at < 100_000; at++) {
    if (at % 50_000 === 0) writeFileSync(join(folder, `f${at}`), "x");
    else linkSync(join(folder, `f${at - (at % 50_000)}`), join(folder, `f${at}`));
  }
  let isListed = false;
  const listing = server.ask("GET", `${proxy}?path=0/r/artifacts`).finally(() => {
    isListed = true;
  });
  let answered = 0;
  while (!isListed) {
    assert.equal((await server.ask("GET", "/health")).text, "OK");
    answered++;
  }
  assert.equal(((await listing).json["files"] as unknown[]).length, 100_000);
  assert.ok(answered > 3, `${answered} answers in the meantime`);
});
