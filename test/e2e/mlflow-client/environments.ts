// The real MLflow that our client speaks with: the current one, and the last 2.x with companions of its time.
import type { PythonPins } from "../../../scripts/python-environment.ts";

const libraries = ["scikit-learn==1.6.1", "numpy==2.2.6", "pandas==2.2.3"];
const companions = ["fastapi==0.115.12", "sqlalchemy==2.0.40"];

export const peers: readonly PythonPins[] = [
  { name: "mlflow317", python: "3.12", pins: ["mlflow==3.17.2", ...libraries] },
  { name: "mlflow222", python: "3.12", pins: ["mlflow==2.22.5", ...companions, ...libraries] },
];
