// The public entry of the package: what a definition and a test import from "trimaran".

export type { Field, Infer, InferInput, Schema } from "./data/field.ts";
export {
  boolean,
  category,
  date,
  integer,
  list,
  number,
  object,
  string,
  timestamp,
} from "./data/field-builders.ts";
export { type Definition, defineDeployment, type FeatureValue } from "./deployment/define-deployment.ts";
