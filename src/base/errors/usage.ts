// Rows of the error table: usage.
export const usageErrors = {
  USAGE_INVALID: {
    kind: "invalid",
    message: "{problem}",
    fix: "See `trimaran {command} --help`.",
  },
  USAGE_COMMAND: {
    kind: "invalid",
    message: "{problem}",
    fix: "`trimaran --help` lists the commands.",
  },
  USAGE_CONFLICT: {
    kind: "conflict",
    message: "{first} and {second} cannot be used together.",
    fix: "Give one of them; see `trimaran {command} --help`.",
  },
  INTERNAL: {
    kind: "internal",
    message: "Trimaran failed in a way that it did not foresee: {problem}",
    fix: "Run again with `--log-level debug` and report what it prints.",
  },
} as const;
