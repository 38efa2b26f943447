// Flags of the web door, and what they say as its options.
import { resolve } from "node:path";
import { trimaranError } from "../base/errors.ts";
import type { WebSettings } from "../doors/web/fleet/messages.ts";
import type { WebFiles } from "../doors/web/fleet/web-files.ts";
import type { Flag } from "./flag.ts";
import { type Settings, textOf } from "./settings.ts";

export const webFlags: readonly Flag[] = [
  {
    name: "host",
    value: "ADDRESS",
    type: "text",
    fallback: "127.0.0.1",
    section: "web.host",
    says: "the address to listen on; 0.0.0.0 means every network this machine is in",
  },
  {
    name: "port",
    value: "PORT",
    type: "port",
    fallback: 9696,
    environment: "PORT",
    section: "web.port",
    says: "the port to listen on; 0 takes a free one and prints it",
  },
  {
    name: "body-limit",
    value: "SIZE",
    type: "bytes",
    fallback: 16 * 2 ** 20,
    section: "web.bodyLimit",
    says: "the largest request body, also after decompression",
  },
  {
    name: "max-rows",
    value: "COUNT",
    type: "count",
    fallback: 100_000,
    section: "web.maxRows",
    says: "the most rows of one request",
  },
  {
    name: "request-timeout",
    value: "TIME",
    type: "duration",
    fallback: 30_000,
    section: "web.requestTimeoutMs",
    says: "how long a request may take before it is answered with 504",
  },
  {
    name: "max-queue",
    value: "COUNT",
    type: "count",
    fallback: 1000,
    section: "web.maxQueue",
    says: "requests of one worker that may wait for their turn; more are answered with 503",
  },
  {
    name: "max-queue-time",
    value: "TIME",
    type: "duration",
    fallback: 500,
    section: "web.maxQueueMs",
    says: "a request that would have to wait for longer is answered with 503 at once",
  },
  {
    name: "max-connections",
    value: "COUNT",
    type: "count",
    fallback: 10_000,
    section: "web.maxConnections",
    says: "open connections of one worker; more are answered with 503",
  },
  {
    name: "allowed-hosts",
    value: "NAMES",
    type: "names",
    section: "web.allowedHosts",
    says: "names of the Host header that are answered, *.NAME for all below, * for any; loopback names always are while only loopback is listened on",
  },
  {
    name: "cors-origins",
    value: "ORIGINS",
    type: "names",
    section: "web.corsOrigins",
    says: "origins whose web pages may ask, such as https://app.example; * for any",
  },
  {
    name: "api-keys",
    value: "FILE",
    type: "text",
    says: "only answer requests with a key of this file, a line each: NAME sha256:HEX, where HEX is what printf %s KEY | sha256sum prints",
  },
  {
    name: "tls-cert",
    value: "FILE",
    type: "text",
    says: "speak TLS with this certificate chain, in PEM; needs --tls-key",
  },
  {
    name: "tls-key",
    value: "FILE",
    type: "text",
    says: "the private key of --tls-cert, in PEM; both files are read anew on SIGHUP",
  },
];

const optionOfFlag: Readonly<Record<string, keyof WebSettings>> = {
  host: "host",
  port: "port",
  "body-limit": "bodyLimit",
  "max-rows": "maxRows",
  "request-timeout": "requestTimeoutMs",
  "max-queue": "maxQueue",
  "max-queue-time": "maxQueueMs",
  "max-connections": "maxConnections",
  "allowed-hosts": "allowedHosts",
  "cors-origins": "corsOrigins",
};

/** What flags and environment say; the door itself knows the definition's section and the defaults. */
export function webSettings(settings: Settings): WebSettings {
  const entries = Object.entries(optionOfFlag).flatMap(([flag, option]) => {
    const setting = settings.get(flag);
    return setting === undefined || setting.source === "default" ? [] : [[option, setting.value]];
  });
  return { ...Object.fromEntries(entries), files: webFiles(settings) };
}

/** @throws USAGE_INVALID for half of what TLS needs */
function webFiles(settings: Settings): WebFiles {
  const [apiKeys, tlsCert, tlsKey] = ["api-keys", "tls-cert", "tls-key"].map((flag) => {
    const file = textOf(settings, flag);
    return file === null || file === undefined ? undefined : resolve(file);
  });
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    throw trimaranError("USAGE_INVALID", { problem: "--tls-cert and --tls-key need one another.", command: "serve" });
  }
  return { apiKeys, tlsCert, tlsKey };
}
