// scikit-learn itself, asked to fit the same rows.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { makePythonEnvironment, type PythonPins } from "../../scripts/python-environment.ts";
import type { TrainingMatrix } from "../../src/train/training-matrix.ts";

const pins: PythonPins = {
  name: "train-peer",
  python: "3.12",
  pins: ["scikit-learn==1.6.1", "numpy==2.2.6", "scipy==1.15.3"],
};

export interface PeerCase {
  readonly model: "RandomForestRegressor" | "RandomForestClassifier" | "LinearRegression" | "Ridge";
  readonly params: Readonly<Record<string, unknown>>;
  readonly dense: boolean;
  readonly matrix: Pick<TrainingMatrix, "rows" | "targets" | "weights">;
  /** Asks for nothing but the error on these rows. */
  readonly valid?: Pick<TrainingMatrix, "rows" | "targets">;
}

export interface PeerTree {
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly cover: readonly number[];
  readonly value: readonly (readonly number[])[];
}

export interface PeerAnswer {
  readonly trees: readonly PeerTree[];
  readonly importances: readonly number[];
  readonly coefficients: readonly number[];
  readonly intercept: number;
  readonly predict: readonly (number | readonly number[])[];
  readonly rmse: number;
}

/** The Python, or undefined when it cannot be installed: suites skip then, by name. */
export async function sklearnPeer(): Promise<string | undefined> {
  try {
    return await makePythonEnvironment(pins);
  } catch {
    return undefined;
  }
}

export async function askPeer(python: string, cases: readonly PeerCase[]): Promise<readonly PeerAnswer[]> {
  const script = fileURLToPath(new URL("./sklearn_peer.py", import.meta.url));
  const text = JSON.stringify(
    cases.map(({ model, params, dense, matrix: { rows, targets, weights }, valid }) => ({
      ...{ model, params, dense, width: rows.width },
      ...cellsOf({ rows, targets }),
      weights: weights === null ? null : [...weights],
      valid: valid === undefined ? null : cellsOf(valid),
    })),
  );
  return await new Promise((resolve, reject) => {
    const child = execFile(python, [script], { maxBuffer: 1 << 28 }, (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout) as PeerAnswer[]);
      else reject(error);
    });
    child.stdin?.end(text);
  });
}

function cellsOf({ rows, targets }: Pick<TrainingMatrix, "rows" | "targets">): object {
  return {
    starts: [...rows.starts],
    columns: [...rows.columns],
    values: [...rows.values],
    targets: [...targets],
  };
}
