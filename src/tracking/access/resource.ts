// The names that clients from 3.17 on give to what rights are granted to.
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import type { ResourceKind } from "./access-store.ts";

/** @throws WireError */
export function resourceOf(type: string, id: string): { readonly kind: ResourceKind; readonly resource: string } {
  if (type === "experiment") return { kind: "experiment", resource: experimentKey(id) };
  // A prompt is a registered model.
  if (type === "registered_model" || type === "prompt") return { kind: "model", resource: id };
  throw invalidParameter(
    `Invalid resource_type '${type.slice(0, 50)}': rights are granted to experiment, registered_model and prompt.`,
  );
}

/** `01` is the same experiment as `1`. @throws WireError */
export function experimentKey(id: string): string {
  if (!/^\d{1,15}$/.test(id)) throw invalidParameter(`Invalid experiment ID '${id.slice(0, 50)}'.`);
  return String(Number(id));
}
