// Rows of the error table: ONNX, written and read.
export const onnxErrors = {
  ONNX_EXPORT: {
    kind: "unsupported",
    message: "The model cannot be written as ONNX: {operation}: {reason}.",
    fix: "Export only other methods with `--method`, or deploy the model as it is.",
  },
} as const;
