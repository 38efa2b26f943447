// The real MLflow server that ours is compared with.
import type { PythonPins } from "../../../scripts/python-environment.ts";

const libraries = ["scikit-learn==1.6.1", "numpy==2.2.6", "pandas==2.2.3"];

export const mlflow3: PythonPins = { name: "mlflow317", python: "3.12", pins: ["mlflow==3.17.2", ...libraries] };
