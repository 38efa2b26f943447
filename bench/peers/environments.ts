// The Pythons that the benches run their peers in: the versions that wrote the worked example's models.
import type { PythonPins } from "../../scripts/python-environment.ts";
import { mlflow3 } from "../../test/e2e/mlflow-scoring/environments.ts";

const web = ["flask==3.1.3", "gunicorn==27.0.1"];

/** For `lin_reg.bin`. */
export const linearPins: PythonPins = {
  name: "bench-linear",
  python: "3.12",
  pins: ["scikit-learn==1.5.1", "numpy==1.26.4", "scipy==1.14.0", "joblib==1.4.2", ...web],
};

/** For the folder `forest`. */
export const forestPins: PythonPins = {
  name: "bench-forest",
  python: "3.12",
  pins: ["scikit-learn==1.6.1", "numpy==2.2.6", "scipy==1.15.3", "joblib==1.4.2", "cloudpickle==3.1.1", ...web],
};

const numbers = ["scikit-learn==1.5.1", "numpy==1.26.4", "scipy==1.14.0", "joblib==1.4.2"];
const onnx = ["onnxruntime==1.18.1", "onnx==1.16.2", "skl2onnx==1.17.0", "protobuf==4.25.8"];
const boosters = ["xgboost-cpu==2.1.1", "lightgbm==4.5.0"];

/** For the models that `predict` makes, richest first: where something does not install, the next one does without. */
export const trainingPins: readonly PythonPins[] = [
  { name: "bench-predict", python: "3.12", pins: [...numbers, ...onnx, ...boosters] },
  { name: "bench-predict-plain", python: "3.12", pins: numbers },
];

const columns = ["scikit-learn==1.6.1", "numpy==2.2.6", "scipy==1.15.3", "joblib==1.4.2"];

/** For the forest's pickle, and for `lin_reg.bin` with scikit-learn 1.5. */
export const fastapiPins: PythonPins = {
  name: "bench-fastapi",
  python: "3.12",
  pins: [...columns, "cloudpickle==3.1.1", "fastapi==0.115.14", "uvicorn[standard]==0.34.3"],
};

export const fastapiLinearPins: PythonPins = {
  name: "bench-fastapi-linear",
  python: "3.12",
  pins: [...numbers, "fastapi==0.115.14", "uvicorn[standard]==0.34.3"],
};

/** MLServer's parallel workers do not start with uvloop 0.22 and newer, which refuses a loop that nobody has made. */
export const mlserverPins: PythonPins = {
  name: "bench-mlserver",
  python: "3.12",
  pins: [...columns, "mlserver==1.7.1", "mlserver-sklearn==1.7.1", "uvloop==0.21.0"],
};

/** `mlflow models serve`; it trains the forests over ready columns too. */
export const mlflowPins: PythonPins = mlflow3;
