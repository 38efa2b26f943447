// Rows of the error table: versions of a model that take turns in one service.
export const slotErrors = {
  SLOT_CHANGED: {
    kind: "conflict",
    message: "{what} of {name} changed while it was being loaded.",
    fix: "Wait until whoever writes it is done, then load it again.",
  },
  SLOT_INCOMPATIBLE: {
    kind: "conflict",
    message: "The new version of {name} does not fit the callers of the version that serves: {count} problem(s).",
    fix: "Serve it under another name, or restart the service with it if every caller is ready for the change.",
  },
  SLOT_EXAMPLE: {
    kind: "invalid",
    message: "{name} does not answer its model's own input example: {count} problem(s).",
    fix: "Log the model again with an `input_example` that it answers, or mend its signature.",
  },
  SLOT_SUPERSEDED: {
    kind: "conflict",
    message: "A later load of {name} took the place of this one.",
    fix: "Nothing: what was asked for last is what is served.",
  },
  SLOT_NO_PREVIOUS: {
    kind: "missing",
    message: "{name} has no previous version to roll back to.",
    fix: "Load the version that you want; only the last ones that served are kept.",
  },
  SLOT_NO_CHALLENGER: {
    kind: "missing",
    message: "{name} has no challenger.",
    fix: "Set a shadow or a canary first.",
  },
  SLOT_SHARE: {
    kind: "invalid",
    message: "The share {share} is no number from 0 to 1.",
    fix: "Give the part of the traffic that the challenger answers, such as 0.1.",
  },
  SLOT_VERSION_POLICY: {
    kind: "invalid",
    message: "{policy} is no version policy.",
    fix: "Write `latest`, `latest(2)`, `all` or `specific(1,3)`.",
  },
  SLOT_NO_VERSION: {
    kind: "missing",
    message: "{name} holds no version {version}.",
    fix: "Put a model into a folder with that number, or ask for a version that is there.",
  },
} as const;
