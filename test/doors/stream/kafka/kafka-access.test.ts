// User, password, certificates and settings of Kafka clients, from the environment and from files.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { kafkaAccess } from "../../../../src/doors/stream/kafka/kafka-access.ts";

describe("how brokers are reached", () => {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-kafka-access-"));
  const fileOf = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const access = (env: Record<string, string>, configFile: string | null = null, tls = false) =>
    kafkaAccess({ brokers: ["h:9092"], tls, env, configFile });
  after(() => rmSync(folder, { recursive: true }));

  it("takes user and password from the environment or from a file", async () => {
    const user = { TRIMARAN_KAFKA_USERNAME: "me", TRIMARAN_KAFKA_MECHANISM: "SCRAM-SHA-512" };
    const password = "p@ss w:rd#%";
    const sasl = { mechanism: "scram-sha-512", username: "me", password };
    assert.deepEqual((await access({ ...user, TRIMARAN_KAFKA_PASSWORD: password })).sasl, sasl);
    const file = fileOf("password", `${password}\n`);
    assert.deepEqual((await access({ ...user, TRIMARAN_KAFKA_PASSWORD_FILE: file })).sasl, sasl);
    assert.equal((await access({})).sasl, null);
  });

  it("takes certificates from files, for TLS only", async () => {
    const env = { TRIMARAN_KAFKA_CA_FILE: fileOf("ca", "authority") };
    assert.deepEqual((await access(env, null, true)).tls, { ca: "authority" });
    assert.equal((await access(env)).tls, null);
    assert.deepEqual((await access({}, null, true)).tls, {});
  });

  it("refuses halves of secrets, files that are not there, and mechanisms that it does not know", async () => {
    const wrong: readonly Record<string, string>[] = [
      { TRIMARAN_KAFKA_USERNAME: "me" },
      { TRIMARAN_KAFKA_PASSWORD: "x" },
      { TRIMARAN_KAFKA_USERNAME: "me", TRIMARAN_KAFKA_PASSWORD_FILE: join(folder, "nothing") },
      { TRIMARAN_KAFKA_MECHANISM: "kerberos" },
      { TRIMARAN_KAFKA_CERT_FILE: fileOf("cert", "c") },
    ];
    for (const env of wrong) await assert.rejects(access(env), { code: "KAFKA_SECRET" }, JSON.stringify(env));
  });

  it("reads the client's own settings as one JSON object", async () => {
    assert.deepEqual((await access({}, fileOf("ok.json", '{"clientId": "x"}'))).config, { clientId: "x" });
    for (const text of ["[]", "null", "{", "1"]) {
      await assert.rejects(access({}, fileOf("bad.json", text)), { code: "KAFKA_CONFIG" }, text);
    }
    await assert.rejects(access({}, join(folder, "none.json")), { code: "KAFKA_CONFIG" });
  });
});
