// Keys and certificates that lie in files, with the real processes: read at the start, and anew on SIGHUP.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { describe, test } from "node:test";
import { scratchFolder } from "../../../deployment/scratch-folder.ts";
import { linear, row, serve, serveFails } from "./fixtures.ts";

const body = JSON.stringify(row);

function lineOf(name: string, key: string): string {
  return `${name} sha256:${createHash("sha256").update(key).digest("hex")}\n`;
}

async function ask(port: number, key: string): Promise<number> {
  const headers = { "content-type": "application/json", "x-api-key": key };
  const reply = await fetch(`http://127.0.0.1:${port}/`, { headers });
  await reply.text();
  return reply.status;
}

function secureStatus(port: number, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path: "/health/ready", ca }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on("error", reject).end();
  });
}

describe("serve with files", () => {
  test("answers only with a key, and takes a changed list on SIGHUP", async () => {
    await using folder = await scratchFolder({ "keys.txt": lineOf("ci", "first") });
    await using service = await serve([linear, "--api-keys", `${folder.path}/keys.txt`]);
    const { port } = service;
    assert.equal(await ask(port, "wrong"), 401);
    assert.equal(await ask(port, "first"), 200);
    await folder.write({ "keys.txt": lineOf("ci", "second") });
    service.signal("SIGHUP");
    await service.says(/Reloaded/);
    assert.equal(await ask(port, "first"), 401);
    assert.equal(await ask(port, "second"), 200);
  });

  test("speaks TLS", async () => {
    await using folder = await scratchFolder();
    const [key, cert] = [`${folder.path}/key.pem`, `${folder.path}/cert.pem`];
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    const make = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "1"];
    execFileSync("openssl", [...make, ...subject], { stdio: "ignore" });
    await using service = await serve([linear, "--tls-cert", cert, "--tls-key", key]);
    await service.says(/Listening on https:/);
    assert.equal(await secureStatus(service.port, readFileSync(cert, "utf8")), 200);
  });

  test("says what is wrong with them before it listens", async () => {
    await using folder = await scratchFolder({ "keys.txt": "ci plain\n", "pem.txt": body });
    const keys = await serveFails([linear, "--api-keys", `${folder.path}/keys.txt`]);
    assert.equal(keys.code, 1);
    assert.match(keys.stderr, /"code":"API_KEYS_INVALID"/);
    const pem = `${folder.path}/pem.txt`;
    assert.match((await serveFails([linear, "--tls-cert", pem, "--tls-key", pem])).stderr, /"code":"TLS_INVALID"/);
    assert.match((await serveFails([linear, "--tls-cert", pem])).stderr, /need one another/);
    assert.match((await serveFails([linear, "--api-keys", "/nowhere/keys"])).stderr, /"code":"FILE_NOT_FOUND"/);
  });
});
