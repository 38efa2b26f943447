// Webhooks reach only what they may, and their secrets are kept as MLflow keeps them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { isPublicAddress } from "../../src/tracking/webhooks/public-address.ts";
import { makeSecretBox } from "../../src/tracking/webhooks/secret-box.ts";
import { resolveTarget } from "../../src/tracking/webhooks/webhook-target.ts";

const rules = { schemes: ["https"], allowsPrivate: false };

test("an address inside is refused, in whatever notation", () => {
  for (const address of [
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "fe80::1",
    "fd00::1",
    "255.255.255.255",
    "localhost",
  ]) {
    assert.equal(isPublicAddress(address), false, address);
  }
  for (const address of ["1.1.1.1", "8.8.8.8", "2606:4700::1111"])
    assert.equal(isPublicAddress(address), true, address);
});

test("a URL that leads inside is refused before anything is sent", async () => {
  for (const url of [
    "https://127.0.0.1/x",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://localhost/",
    "http://1.1.1.1/",
    "file:///etc/passwd",
    "https://",
    " ",
  ]) {
    await assert.rejects(resolveTarget(url, rules), { name: "WireError" }, url);
  }
  const { address } = await resolveTarget("https://1.1.1.1:8443/hook", rules);
  assert.equal(address, "1.1.1.1");
});

test("a secret is opened by its own key only, and a token of Python's Fernet is read", () => {
  const key = Buffer.alloc(32, 7).toString("base64url");
  const box = makeSecretBox(key);
  const sealed = box?.seal("much-secret ä") ?? "";
  assert.equal(box?.open(sealed), "much-secret ä");
  assert.equal(makeSecretBox(undefined)?.open(sealed), null);
  assert.equal(makeSecretBox("short"), null);
  const spec = makeSecretBox("cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=");
  const token = "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA==";
  assert.equal(spec?.open(token), "hello");
});
