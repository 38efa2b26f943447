// Ports for real servers: of their own until those have started.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { freePorts } from "../../scripts/free-ports.ts";

test("ports that are asked for together differ, can be listened on, and are none that a system chooses itself", async () => {
  const ports = await freePorts(20);
  assert.equal(new Set(ports).size, 20);
  assert.ok(
    ports.every((port) => port > 1023 && port < 32_768),
    String(ports),
  );
  for (const port of ports) {
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
  }
});
