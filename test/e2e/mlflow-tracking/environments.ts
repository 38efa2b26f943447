// The real MLflow whose stores are exchanged with ours: the current release and 3.6, whose tables are 34.
import { makePythonEnvironment, type PythonPins } from "../../../scripts/python-environment.ts";

const libraries = ["scikit-learn==1.6.1", "numpy==2.2.6", "pandas==2.2.3", "psycopg2-binary==2.9.10"];

/** Its own parts are not in every index under its number: those of 3.17 serve it. */
export const mlflow318: PythonPins = {
  name: "mlflow318",
  python: "3.12",
  pins: ["mlflow==3.17.2", ...libraries],
  noDeps: ["mlflow==3.18.0"],
};

export const mlflow36: PythonPins = {
  name: "mlflow36",
  python: "3.12",
  pins: ["mlflow==3.6.0", "sqlalchemy==2.0.40", ...libraries],
};

export interface Peer {
  /** Empty when it cannot be installed. */
  readonly python: string;
  /** For a test's options: why it is skipped, or false. */
  readonly skip: string | false;
}

/** Installs it when it is not there yet. */
export async function mlflowPeer(pins: PythonPins): Promise<Peer> {
  try {
    return { python: await makePythonEnvironment(pins), skip: false };
  } catch {
    return { python: "", skip: `the Python environment ${pins.name} cannot be installed` };
  }
}
