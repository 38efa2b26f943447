// Rows of the error table: ONNX, written and read.
export const onnxErrors = {
  ONNX_EXPORT: {
    kind: "unsupported",
    message: "The model cannot be written as ONNX: {operation}: {reason}.",
    fix: "Export only other methods with `--method`, or deploy the model as it is.",
  },
  ONNX_RUNTIME: {
    kind: "missing",
    message: "{name} is an ONNX model, and there is no ONNX Runtime to compute it.",
    fix: 'Install it beside Trimaran: `npm i onnxruntime-node`. In a page, give `onnxRuntime: await import("onnxruntime-web")`.',
  },
  ONNX_GRAPH: {
    kind: "unsupported",
    message: "{name} is an ONNX model, which cannot be {wanted}.",
    fix: "Give the model that it was made from: the pickle, joblib or skops file.",
  },
  ONNX_STEP: {
    kind: "unsupported",
    message: "The ONNX model {name} cannot come after the steps before it: {problem}.",
    fix: "Give the vectorizer or pipeline of transformers that made the rows which the file was exported for.",
  },
  ONNX_EXTERNAL: {
    kind: "unsupported",
    message: "{name} keeps its tensor {tensor} in another file.",
    fix: "Save it as one file: `onnx.save(onnx.load(path), path, save_as_external_data=False)`.",
  },
  ONNX_SIGNATURE: {
    kind: "unsupported",
    message: "The ONNX model {name} does not take rows: {problem}.",
    fix: "Export it with a first dimension that is open and one or two dimensions an input, as `skl2onnx` does.",
  },
  ONNX_RUN: {
    kind: "invalid",
    message: "ONNX Runtime refuses {name}: {problem}.",
    fix: "Try the file in Python's `onnxruntime`; a newer runtime may know operators that this one lacks.",
  },
} as const;
