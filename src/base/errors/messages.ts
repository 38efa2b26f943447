// Rows of the error table: messages of a stream and the schema registry.
export const messageErrors = {
  STREAM_SHAPE_INVALID: {
    kind: "invalid",
    message: "The definition's `stream` section does not fit: {count} problem(s), first: {first}",
    fix: "Mend what `issues` lists.",
  },
} as const;
