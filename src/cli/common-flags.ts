// Flags that several commands share, each with one meaning everywhere.
import type { Flag } from "./flag.ts";
import { logLevels } from "./messages.ts";

export const jsonFlag: Flag = {
  name: "json",
  type: "switch",
  says: "answers and errors for machines: one line of JSON each",
};

export const logLevelFlag: Flag = {
  name: "log-level",
  value: "LEVEL",
  type: "choice",
  choices: logLevels,
  fallback: "info",
  says: "how much stderr tells; debug adds stack traces",
};

/** Every command has these. */
export const everywhere: readonly Flag[] = [jsonFlag, logLevelFlag];

export const modelFlag: Flag = {
  name: "model",
  value: "URI",
  type: "texts",
  says: "another model than the one that the definition names: a file or a folder with an MLmodel",
};

export const maxModelBytesFlag: Flag = {
  name: "max-model-bytes",
  value: "SIZE",
  type: "bytes",
  fallback: 2 ** 31 - 1,
  says: "refuse larger model files",
};

export const memberFlag: Flag = {
  name: "member",
  value: "NAMES",
  type: "names",
  says: "of a file that holds a dict of parts: those that make the model, in order, such as dv,model; the same as FILE#dv,model",
};

export const threadsFlag: Flag = {
  name: "threads",
  value: "N",
  type: "count",
  fallback: 1,
  says: "how many worker threads share the model's work on many rows; for forests and other costly models, up to one a core",
};

export const outputFlag: Flag = {
  name: "output",
  short: "o",
  value: "FILE",
  type: "text",
  says: "where the answer goes",
};

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
];
