// The supported estimator whose name comes nearest to one that is not supported.
import { closestName } from "../../base/did-you-mean.ts";
import type { EstimatorRecord } from "./estimator.ts";

/** A supported estimator of the same kind of name (`Ridge…` for `RidgeCV`), or `""`. */
export function nearestEstimator(name: string, table: readonly EstimatorRecord[]): string {
  return (
    closestName(
      name,
      table.map((record) => record.name),
    )?.name ?? ""
  );
}
