// The total map from op kinds to their plain kernels.
import type { OpKind } from "../../model/op.ts";
import type { KernelMaker } from "../kernel.ts";
import { affine } from "./affine.ts";
import { cast } from "./cast.ts";
import { densify } from "./densify.ts";
import { divide } from "./divide.ts";
import { forest } from "./forest.ts";
import { requireFinite } from "./require-finite.ts";
import { vectorize } from "./vectorize.ts";

export const referenceKernels: { readonly [Kind in OpKind]: KernelMaker<Kind> } = {
  vectorize,
  densify,
  require_finite: requireFinite,
  cast,
  affine,
  divide,
  forest,
};
