// The error table: every code of the project, gathered from one file an area. docs/errors.md is generated from it.
import { adminErrors } from "./errors/admin.ts";
import { batchErrors } from "./errors/batch.ts";
import { blobErrors } from "./errors/blobs.ts";
import { deploymentErrors } from "./errors/deployment.ts";
import { fleetErrors } from "./errors/fleet.ts";
import { formatErrors } from "./errors/formats.ts";
import { hostErrors } from "./errors/host.ts";
import { kserveErrors } from "./errors/kserve.ts";
import { lambdaErrors } from "./errors/lambda.ts";
import { messageErrors } from "./errors/messages.ts";
import { mlflowErrors } from "./errors/mlflow.ts";
import { modelErrors } from "./errors/model.ts";
import { oipErrors } from "./errors/oip.ts";
import { onnxErrors } from "./errors/onnx.ts";
import { packagingErrors } from "./errors/packaging.ts";
import { pickleErrors } from "./errors/pickle.ts";
import { requestErrors } from "./errors/request.ts";
import { scoringErrors } from "./errors/scoring.ts";
import { slotErrors } from "./errors/slot.ts";
import { sqlErrors } from "./errors/sql.ts";
import { storeErrors } from "./errors/store.ts";
import { streamErrors } from "./errors/stream.ts";
import { tableErrors } from "./errors/tables.ts";
import { trainErrors } from "./errors/train.ts";
import { usageErrors } from "./errors/usage.ts";

export const errorTable: typeof usageErrors &
  typeof adminErrors &
  typeof batchErrors &
  typeof blobErrors &
  typeof hostErrors &
  typeof formatErrors &
  typeof packagingErrors &
  typeof pickleErrors &
  typeof kserveErrors &
  typeof lambdaErrors &
  typeof messageErrors &
  typeof mlflowErrors &
  typeof modelErrors &
  typeof oipErrors &
  typeof onnxErrors &
  typeof deploymentErrors &
  typeof requestErrors &
  typeof fleetErrors &
  typeof scoringErrors &
  typeof slotErrors &
  typeof sqlErrors &
  typeof storeErrors &
  typeof streamErrors &
  typeof tableErrors &
  typeof trainErrors = {
  ...usageErrors,
  ...adminErrors,
  ...batchErrors,
  ...blobErrors,
  ...hostErrors,
  ...formatErrors,
  ...packagingErrors,
  ...pickleErrors,
  ...kserveErrors,
  ...lambdaErrors,
  ...messageErrors,
  ...mlflowErrors,
  ...modelErrors,
  ...oipErrors,
  ...onnxErrors,
  ...deploymentErrors,
  ...requestErrors,
  ...fleetErrors,
  ...scoringErrors,
  ...slotErrors,
  ...sqlErrors,
  ...storeErrors,
  ...streamErrors,
  ...tableErrors,
  ...trainErrors,
};

export type ErrorCode = keyof typeof errorTable;
