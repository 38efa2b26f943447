// Rows of the error table: pickle.
export const pickleErrors = {
  PICKLE_OPCODE: {
    kind: "invalid",
    message: "{name} is not a sound pickle: unknown opcode {opcode} at offset {offset}.",
    fix: "Save the model again with `pickle`, `joblib` or `mlflow`.",
  },
  PICKLE_STACK: {
    kind: "invalid",
    message: "{name} is not a sound pickle: {problem} at offset {offset}.",
    fix: "Save the model again with `pickle`, `joblib` or `mlflow`.",
  },
  PICKLE_ARGUMENT: {
    kind: "invalid",
    message: "{name} is not a sound pickle: {opcode} at offset {offset} has a bad argument: {problem}.",
    fix: "Save the model again with `pickle`, `joblib` or `mlflow`.",
  },
  PICKLE_BUFFERS: {
    kind: "unsupported",
    message: "{name} keeps its arrays outside the pickle ({opcode} at offset {offset}).",
    fix: "Save it without a `buffer_callback`: `pickle.dump(model, file)`.",
  },
  PICKLE_UNTRUSTED: {
    kind: "untrusted",
    message: "{name} is refused: opening it in Python would run {count} thing(s) that no model needs, first {first}.",
    fix: "Do not open this file in Python. Ask its author for a clean one; `trimaran inspect` lists every finding.",
  },
  PICKLE_PROTOCOL: {
    kind: "unsupported",
    message: "{name} says that it is pickle protocol {protocol}; 0 to 5 are known.",
    fix: "Save it with `protocol=5` or lower.",
  },
} as const;
