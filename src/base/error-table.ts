// The error table: every code of the project, gathered from one file an area. docs/errors.md is generated from it.
import { deploymentErrors } from "./errors/deployment.ts";
import { formatErrors } from "./errors/formats.ts";
import { hostErrors } from "./errors/host.ts";
import { modelErrors } from "./errors/model.ts";
import { oipErrors } from "./errors/oip.ts";
import { onnxErrors } from "./errors/onnx.ts";
import { pickleErrors } from "./errors/pickle.ts";
import { requestErrors } from "./errors/request.ts";
import { slotErrors } from "./errors/slot.ts";
import { tableErrors } from "./errors/tables.ts";
import { usageErrors } from "./errors/usage.ts";

export const errorTable: typeof usageErrors &
  typeof hostErrors &
  typeof formatErrors &
  typeof pickleErrors &
  typeof modelErrors &
  typeof oipErrors &
  typeof onnxErrors &
  typeof deploymentErrors &
  typeof requestErrors &
  typeof slotErrors &
  typeof tableErrors = {
  ...usageErrors,
  ...hostErrors,
  ...formatErrors,
  ...pickleErrors,
  ...modelErrors,
  ...oipErrors,
  ...onnxErrors,
  ...deploymentErrors,
  ...requestErrors,
  ...slotErrors,
  ...tableErrors,
};

export type ErrorCode = keyof typeof errorTable;
