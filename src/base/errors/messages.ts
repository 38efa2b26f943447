// Rows of the error table: messages of a stream and the schema registry.
export const messageErrors = {
  STREAM_SHAPE_INVALID: {
    kind: "invalid",
    message: "The definition's `stream` section does not fit: {count} problem(s), first: {first}",
    fix: "Mend what `issues` lists.",
  },
  STREAM_FORMAT: {
    kind: "invalid",
    message: "{name} is no format of messages: {known}.",
    fix: "Give one of these as `--format` or `stream.format`.",
  },
  STREAM_ANSWER_FORMAT: {
    kind: "invalid",
    message: "The model's answers cannot be written in the format that is asked for: {problem}.",
    fix: "Give a definition whose outputs say what they are, or answer in JSON with `--output-format json`.",
  },
  SCHEMA_REGISTRY_MISSING: {
    kind: "invalid",
    message: "Messages of the format {format} need a schema registry, and none is named.",
    fix: "Give its address with `--schema-registry URL`, or as `stream.schemaRegistry` in the definition.",
  },
  SCHEMA_REGISTRY_ADDRESS: {
    kind: "invalid",
    message: "The address of the schema registry does not do: {problem}.",
    fix: "Give `https://host:8081`, several with commas between; user and password come from TRIMARAN_SCHEMA_REGISTRY_USER and TRIMARAN_SCHEMA_REGISTRY_PASSWORD.",
  },
  SCHEMA_REGISTRY_SECRET: {
    kind: "invalid",
    message: "What the environment says of the schema registry's secrets does not fit together: {problem}.",
    fix: "Set TRIMARAN_SCHEMA_REGISTRY_USER with TRIMARAN_SCHEMA_REGISTRY_PASSWORD, or TRIMARAN_SCHEMA_REGISTRY_TOKEN; with `_FILE` behind the name each comes from a file.",
  },
  SCHEMA_REGISTRY_UNAVAILABLE: {
    kind: "unavailable",
    message: "The schema registry does not answer: {problem}.",
    fix: "Look whether it runs and can be reached from here. Nothing is lost: it is asked again.",
  },
  SCHEMA_REGISTRY_DENIED: {
    kind: "denied",
    message: "The schema registry refuses us: status {status}.",
    fix: "Set TRIMARAN_SCHEMA_REGISTRY_USER and TRIMARAN_SCHEMA_REGISTRY_PASSWORD, or TRIMARAN_SCHEMA_REGISTRY_TOKEN, to somebody who may read schemas, and register them where that is asked.",
  },
  SCHEMA_REGISTRY_ANSWER: {
    kind: "unavailable",
    message: "The schema registry's answer makes no sense: {problem}.",
    fix: "Look whether the address is that of a schema registry, and not of something before it.",
  },
  SCHEMA_NOT_REGISTERED: {
    kind: "missing",
    message: "The schema of the answers is not registered under {subject}, and registering is switched off.",
    fix: "Register it, or leave `stream.registerSchemas` on once, as somebody who may.",
  },
  SCHEMA_REFUSED: {
    kind: "conflict",
    message: "The schema registry does not take the schema of the answers under {subject}: {problem}.",
    fix: "Change the outputs so that older readers can still read them, or write to another topic.",
  },
} as const;
