// The real MLflow that logs, serves and loads what `trimaran train` logs, with ONNX Runtime.
import { makePythonEnvironment, type PythonPins } from "../../../scripts/python-environment.ts";

export const mlflowOnnx: PythonPins = {
  name: "mlflow317-onnx",
  python: "3.12",
  pins: [
    "mlflow==3.17.2",
    "onnx==1.19.0",
    "onnxruntime==1.22.1",
    "scikit-learn==1.6.1",
    "numpy==2.2.6",
    "pandas==2.2.3",
  ],
};

export interface Peer {
  /** Empty when it cannot be installed. */
  readonly python: string;
  /** For a test's options: why it is skipped, or false. */
  readonly skip: string | false;
}

/** Installs it when it is not there yet. */
export async function onnxPeer(): Promise<Peer> {
  try {
    return { python: await makePythonEnvironment(mlflowOnnx), skip: false };
  } catch {
    return { python: "", skip: `the Python environment ${mlflowOnnx.name} cannot be installed` };
  }
}
