// Ports that are held: their addresses, and what the system refuses.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { bindSocket } from "../../src/io/bound-socket.ts";

test("a free port is taken, and another one each time", async () => {
  const first = await bindSocket({ host: "127.0.0.1", port: 0 });
  const second = await bindSocket({ host: "127.0.0.1", port: 0 });
  assert.ok(first.port > 0 && second.port > 0 && first.port !== second.port);
  first.close();
  second.close();
});

test("localhost is both of its addresses, on one port, where the machine has both", async () => {
  const sockets = await bindSocket({ host: "localhost", port: 0 });
  const six = await bindSocket({ host: "::1", port: 0 }).then(
    (socket) => {
      socket.close();
      return 1;
    },
    () => 0,
  );
  assert.equal(sockets.count, 1 + six);
  sockets.close();
});

test("a port that another program listens on is refused before anything is started", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  await assert.rejects(bindSocket({ host: "127.0.0.1", port }), { code: "PORT_IN_USE" });
  await assert.rejects(bindSocket({ host: "localhost", port }), { code: "PORT_IN_USE" });
  other.close();
});

test("an address of another machine and a name that nobody has are refused with the reason", async () => {
  await assert.rejects(bindSocket({ host: "192.0.2.1", port: 0 }), {
    code: "PORT_NOT_ALLOWED",
    message: /does not have that address/,
  });
  await assert.rejects(bindSocket({ host: "no-such-host.invalid", port: 0 }), { code: "PORT_NOT_ALLOWED" });
});
