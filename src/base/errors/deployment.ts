// Rows of the error table: deployment.
export const deploymentErrors = {
  DEFINITION_INVALID: {
    kind: "invalid",
    message: "The definition {name} is not usable.",
    fix: "Mend the lines listed below; `trimaran check {name}` tests them.",
  },
  DEFINITION_LOAD: {
    kind: "invalid",
    message: "The definition {name} cannot be loaded: {problem}.",
    fix: "Run `trimaran check {name}` after mending it.",
  },
  DEFINITION_NONE: {
    kind: "missing",
    message: "{name} does not export a definition.",
    fix: "End the file with `export default defineDeployment(…)`.",
  },
  DEFINITION_AMBIGUOUS: {
    kind: "conflict",
    message: "The folder {name} holds {first} and {second}.",
    fix: "Name the file that you mean.",
  },
  FIELD_INVALID: {
    kind: "invalid",
    message: "A field of kind {kind} is not usable: {problem}",
    fix: "Mend the options that its builder was given.",
  },
  DEFINITION_FEATURES: {
    kind: "invalid",
    message: "`features` of {name} failed: {problem}.",
    fix: "Run `trimaran check {name}` with the row that fails.",
  },
  LOOKUP_FAILED: {
    kind: "unavailable",
    message: "`lookup` of {name} failed: {problem}.",
    fix: 'Try again; if it goes on failing, mend what it asks, raise its `timeoutMs`, or go on without by `onError: "missing"`.',
  },
  DEFINITION_OUTPUT: {
    kind: "invalid",
    message: "The definition {name} gives an output that does not fit: {problem}.",
    fix: "Mend `output`, `methods` or `postprocess`.",
  },
  MODEL_NONE: {
    kind: "missing",
    message: "No model is named for {name}.",
    fix: "Give `--model URI`, set `MODEL_URI` or `RUN_ID`, or write `model` in the definition.",
  },
  MODEL_OVERRIDE: {
    kind: "conflict",
    message: "{source} replaces a single model, but {name} names {what}.",
    fix: "Take {source} away, or change `model` in the definition; `$RUN_ID` inside its URIs is filled from the environment.",
  },
  MODEL_RUN_ID: {
    kind: "missing",
    message: "The definition {name} uses `$RUN_ID`, but the environment has no RUN_ID.",
    fix: "Set `RUN_ID`, or give `--model URI`.",
  },
  CHECK_FAILED: {
    kind: "invalid",
    message: "{name} fails {count} check(s).",
    fix: "Mend what is listed below and run `trimaran check` again.",
  },
} as const;
