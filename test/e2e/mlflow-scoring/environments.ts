// The real MLflow servers that ours is compared with: the current release, and the last of 2.x.
import type { PythonPins } from "../../../scripts/python-environment.ts";

const libraries = ["scikit-learn==1.6.1", "numpy==2.2.6", "pandas==2.2.3"];
/** Its server needs a FastAPI of its own days. */
const servers2 = ["fastapi==0.115.12", "sqlalchemy==2.0.40"];

export const mlflow3: PythonPins = { name: "mlflow317", python: "3.12", pins: ["mlflow==3.17.2", ...libraries] };
export const mlflow2: PythonPins = {
  name: "mlflow222",
  python: "3.12",
  pins: ["mlflow==2.22.5", ...servers2, ...libraries],
};
