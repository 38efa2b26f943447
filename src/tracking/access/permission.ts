// What may be granted, as MLflow's own server has it, and what each allows.
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";

const capabilities = {
  NO_PERMISSIONS: [],
  READ: ["read"],
  USE: ["read"],
  EDIT: ["read", "update"],
  MANAGE: ["read", "update", "manage"],
} as const;

export type Permission = keyof typeof capabilities;

/** `manage` includes deleting, and granting to others. */
export type Right = "read" | "update" | "manage";

export const permissionNames: readonly Permission[] = Object.keys(capabilities) as Permission[];

export function allows(permission: Permission, right: Right): boolean {
  return (capabilities[permission] as readonly Right[]).includes(right);
}

/** @throws WireError */
export function permissionOf(text: string): Permission {
  if (Object.hasOwn(capabilities, text)) return text as Permission;
  throw invalidParameter(
    `Invalid permission '${text.slice(0, 50)}'. Valid permissions are: ${permissionNames.join(", ")}`,
  );
}
