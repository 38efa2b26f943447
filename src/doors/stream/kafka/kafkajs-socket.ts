// The connections of kafkajs.
import { connect as connectPlain, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import type { KafkaConfig } from "kafkajs";

const keepAliveMs = 60_000;

/** As the library's own, but a request does not wait until the one before it on the connection is acknowledged. */
export const openSocket: NonNullable<KafkaConfig["socketFactory"]> = ({ host, port, ssl, onConnect }) => {
  const socket =
    ssl === undefined || (ssl as unknown) === null
      ? connectPlain({ host, port }, onConnect)
      : connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect);
  socket.setKeepAlive(true, keepAliveMs);
  socket.setNoDelay(true);
  return socket;
};
