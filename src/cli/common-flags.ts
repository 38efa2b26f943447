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

export const homeFlag: Flag = {
  name: "home",
  value: "DIR",
  type: "text",
  fallback: ".trimaran",
  says: "the folder that everything is kept in: prepared models, logs of predictions and of truth. Where it cannot be written prepared models are not kept",
};

export const requireTrackingFlag: Flag = {
  name: "require-tracking",
  type: "switch",
  says: "refuse to start from a model in the cache while the tracking server does not answer",
};

export const outputFlag: Flag = {
  name: "output",
  short: "o",
  value: "FILE",
  type: "text",
  says: "where the answer goes",
};
