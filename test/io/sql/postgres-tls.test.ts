// PostgreSQL over TLS: what each `sslmode` takes and refuses.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { postgresSkip, startPostgres } from "../../../scripts/postgres-server.ts";
import { openPostgres } from "../../../src/io/sql/postgres-database.ts";
import { parsePostgresUrl } from "../../../src/io/sql/postgres-url.ts";

function opensslSkip(): string | false {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return false;
  } catch {
    return "openssl is not installed";
  }
}

test("sslmode is kept: TLS is used where the server has it, and its certificate is checked when that is asked for", {
  skip: postgresSkip() || opensslSkip(),
  timeout: 600_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-tls-"));
  const make = (name: string): readonly [string, string] => {
    const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"];
    const more = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate];
    execFileSync("openssl", [...request, ...more], { stdio: "ignore" });
    return [certificate, key];
  };
  try {
    const [certificate, key] = make("server");
    const [other] = make("other");
    await using server = await startPostgres({
      tls: { certificate: await readFile(certificate, "utf8"), key: await readFile(key, "utf8") },
    });
    await server.createDatabase("tls");
    const isEncrypted = async (query: string, host = "127.0.0.1"): Promise<boolean | string> => {
      const place = parsePostgresUrl(server.url("tls", { host: `${host}:${server.port}`, query }));
      try {
        await using database = await openPostgres(place);
        const [row] = await database.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
        return row?.["ssl"] === 1;
      } catch (error) {
        return error instanceof Error && "code" in error ? String(error.code) : "?";
      }
    };
    assert.equal(await isEncrypted(""), true);
    assert.equal(await isEncrypted("?sslmode=disable"), false);
    assert.equal(await isEncrypted("?sslmode=allow"), false);
    assert.equal(await isEncrypted("?sslmode=require"), true);
    assert.equal(await isEncrypted(`?sslmode=require&sslrootcert=${other}`), "STORE_UNREACHABLE");
    assert.equal(await isEncrypted(`?sslmode=verify-ca&sslrootcert=${certificate}`), true);
    assert.equal(await isEncrypted(`?sslmode=verify-ca&sslrootcert=${other}`), "STORE_UNREACHABLE");
    assert.equal(await isEncrypted(`?sslmode=verify-full&sslrootcert=${certificate}`, "localhost"), true);
    assert.equal(await isEncrypted(`?sslmode=verify-full&sslrootcert=${certificate}`), "STORE_UNREACHABLE");
    assert.equal(await isEncrypted("?sslmode=verify-full", "localhost"), "STORE_UNREACHABLE");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
