// Answers about users, rights and tokens, in the shapes that MLflow's AuthServiceClient reads.
import type { JsonValue } from "../../mlflow/wire/field-type.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import type { Handlers, TrackingContext } from "../handlers/handler.ts";
import type { AccessStore, AccessToken, AccessUser, Grant, ResourceKind } from "./access-store.ts";
import { exists, missing } from "./access-store.ts";
import type { Identity } from "./authenticator.ts";
import { isPassword } from "./passwords.ts";
import { allows, type Permission, permissionOf } from "./permission.ts";
import { experimentKey, resourceOf } from "./resource.ts";

/** All that are about accounts. */
export type AccessEndpoints =
  | "createUser"
  | "getUser"
  | "listUsers"
  | "getCurrentUser"
  | "updateUserPassword"
  | "updateUserAdmin"
  | "deleteUser"
  | "createExperimentPermission"
  | "getExperimentPermission"
  | "updateExperimentPermission"
  | "deleteExperimentPermission"
  | "createRegisteredModelPermission"
  | "getRegisteredModelPermission"
  | "updateRegisteredModelPermission"
  | "deleteRegisteredModelPermission"
  | "grantUserPermission"
  | "revokeUserPermission"
  | "getUserPermission"
  | "createAccessToken"
  | "listAccessTokens"
  | "deleteAccessToken";

const maxTokens = 100;

export const accessHandlers: Handlers<AccessEndpoints> = {
  createUser: async ({ username, password }, context) => {
    const { access } = within(context);
    return { user: await userJson(access, await access.createUser(username, password)) };
  },
  getUser: async ({ username }, context) => {
    const { access } = within(context);
    return { user: await userJson(access, await access.user(username)) };
  },
  listUsers: async (_, context) => {
    const { access } = within(context);
    return {
      users: (await access.users()).map(({ id, username, isAdmin }) => ({
        id,
        username,
        is_admin: isAdmin,
        roles: [],
      })),
    };
  },
  getCurrentUser: async (_, context) => {
    const { identity } = within(context);
    const { id, username, isAdmin } = identity.user;
    return { user: { id, username, is_admin: isAdmin }, is_basic_auth: identity.by === "password" };
  },
  updateUserPassword: async ({ username, password, current_password }, context) => {
    const { access, identity } = within(context);
    if (username === identity.user.username) await assertOwnPassword(identity, current_password);
    await access.setPassword(username, password);
    return {};
  },
  updateUserAdmin: async ({ username, is_admin }, context) => {
    await within(context).access.setAdmin(username, is_admin);
    return {};
  },
  deleteUser: async ({ username }, context) => {
    await within(context).access.deleteUser(username);
    return {};
  },
  createExperimentPermission: async ({ experiment_id, username, permission }, context) => ({
    experiment_permission: await created(context, username, {
      kind: "experiment",
      resource: experimentKey(experiment_id),
      permission: permissionOf(permission),
    }),
  }),
  getExperimentPermission: async ({ experiment_id, username }, context) => ({
    experiment_permission: await granted(context, username, {
      kind: "experiment",
      resource: experimentKey(experiment_id),
    }),
  }),
  updateExperimentPermission: async ({ experiment_id, username, permission }, context) => {
    const resource = experimentKey(experiment_id);
    return changed(context, username, { kind: "experiment", resource, permission: permissionOf(permission) });
  },
  deleteExperimentPermission: async ({ experiment_id, username }, context) =>
    revoked(context, username, { kind: "experiment", resource: experimentKey(experiment_id) }),
  createRegisteredModelPermission: async ({ name, username, permission }, context) => ({
    registered_model_permission: await created(context, username, {
      kind: "model",
      resource: name,
      permission: permissionOf(permission),
    }),
  }),
  getRegisteredModelPermission: async ({ name, username }, context) => ({
    registered_model_permission: await granted(context, username, { kind: "model", resource: name }),
  }),
  updateRegisteredModelPermission: async ({ name, username, permission }, context) =>
    changed(context, username, { kind: "model", resource: name, permission: permissionOf(permission) }),
  deleteRegisteredModelPermission: async ({ name, username }, context) =>
    revoked(context, username, { kind: "model", resource: name }),
  grantUserPermission: async ({ username, resource_type, resource_id, permission }, context) => {
    const { access } = within(context);
    const { id } = await access.user(username);
    await access.grant(id, { ...resourceOf(resource_type, resource_id), permission: permissionOf(permission) });
    return {};
  },
  revokeUserPermission: async ({ username, resource_type, resource_id }, context) => {
    const { access } = within(context);
    const { id } = await access.user(username);
    const { kind, resource } = resourceOf(resource_type, resource_id);
    await access.revoke(id, kind, resource);
    return {};
  },
  getUserPermission: async ({ username, resource_type, resource_id }, context) => {
    const { access } = within(context);
    const user = await access.user(username);
    const { kind, resource } = resourceOf(resource_type, resource_id);
    const permission = await effective(context, user, { kind, resource });
    return { allowed: permission === "USE" || allows(permission, "update"), permission };
  },
  createAccessToken: async ({ username, note = "", expires_in_seconds }, context) => {
    const { access, identity } = within(context);
    const user = username ? await access.user(username) : identity.user;
    if (note.length > 500) throw invalidParameter("'note' is longer than 500 characters.");
    if (expires_in_seconds !== undefined && expires_in_seconds < 1) {
      throw invalidParameter("'expires_in_seconds' must be 1 or more.");
    }
    if ((await access.tokens(user.id)).length >= maxTokens)
      throw invalidParameter(`The user has ${maxTokens} tokens already.`);
    const expires = expires_in_seconds === undefined ? null : Date.now() + expires_in_seconds * 1000;
    const { token, ...info } = await access.createToken(user.id, note, expires);
    return { token, token_info: tokenJson(info) };
  },
  listAccessTokens: async ({ username }, context) => {
    const { access, identity } = within(context);
    const user = username ? await access.user(username) : identity.user;
    return { tokens: (await access.tokens(user.id)).map(tokenJson) };
  },
  deleteAccessToken: async ({ token_id }, context) => {
    await within(context).access.deleteToken(token_id);
    return {};
  },
};

interface Within {
  readonly access: AccessStore;
  readonly identity: Identity;
}

function within({ caller: { access, identity } }: TrackingContext): Within {
  if (access !== null && identity !== null) return { access, identity };
  throw new WireError("ENDPOINT_NOT_FOUND", "This server has no accounts: it runs without --auth.");
}

/** A token may have been stolen, so it cannot set a password. Clients before 3.17 do not repeat the one that they just gave. */
async function assertOwnPassword({ user, by }: Identity, current: string | undefined): Promise<void> {
  if (current === undefined || current === "") {
    if (by === "password") return;
    throw invalidParameter("Current password is required when changing your own password.");
  }
  if (!(await isPassword(current, user.passwordHash))) throw invalidParameter("Current password does not match.");
}

type Place = Pick<Grant, "kind" | "resource">;

async function created(
  context: TrackingContext,
  username: string,
  grant: Grant,
): Promise<Record<string, string | number>> {
  const { access } = within(context);
  const { id } = await access.user(username);
  if ((await access.permission(id, grant.kind, grant.resource)) !== null) {
    throw exists(`${titles[grant.kind]} permission (${keyOf(grant)}, username=${username}) already exists.`);
  }
  await access.grant(id, grant);
  return grantJson(id, grant);
}

async function granted(
  context: TrackingContext,
  username: string,
  place: Place,
): Promise<Record<string, string | number>> {
  const { access } = within(context);
  const { id } = await access.user(username);
  const permission = await access.permission(id, place.kind, place.resource);
  if (permission === null) throw noGrant(place, username);
  return grantJson(id, { ...place, permission });
}

async function changed(context: TrackingContext, username: string, grant: Grant): Promise<Record<string, never>> {
  await granted(context, username, grant);
  const { access } = within(context);
  await access.grant((await access.user(username)).id, grant);
  return {};
}

async function revoked(context: TrackingContext, username: string, place: Place): Promise<Record<string, never>> {
  const { access } = within(context);
  const { id } = await access.user(username);
  if (!(await access.revoke(id, place.kind, place.resource))) throw noGrant(place, username);
  return {};
}

async function effective(
  { caller }: TrackingContext,
  user: AccessUser,
  { kind, resource }: Place,
): Promise<Permission> {
  if (user.isAdmin) return "MANAGE";
  return (await caller.access?.permission(user.id, kind, resource)) ?? caller.defaultPermission;
}

const titles: Readonly<Record<ResourceKind, string>> = { experiment: "Experiment", model: "Registered model" };

function keyOf({ kind, resource }: Place): string {
  return `${kind === "experiment" ? "experiment_id" : "name"}=${resource.slice(0, 256)}`;
}

function noGrant(place: Place, username: string): WireError {
  return missing(
    `${titles[place.kind]} permission with ${keyOf(place)} and username=${username.slice(0, 256)} not found`,
  );
}

function grantJson(userId: number, { kind, resource, permission }: Grant): Record<string, string | number> {
  return { [kind === "experiment" ? "experiment_id" : "name"]: resource, user_id: userId, permission };
}

async function userJson(access: AccessStore, { id, username, isAdmin }: AccessUser): Promise<JsonValue> {
  const grants = await access.grants(id);
  const of = (kind: ResourceKind): JsonValue[] =>
    grants.filter((each) => each.kind === kind).map((each) => grantJson(id, each));
  return {
    id,
    username,
    is_admin: isAdmin,
    experiment_permissions: of("experiment"),
    registered_model_permissions: of("model"),
  };
}

function tokenJson({ id, note, createdMs, expiresMs }: AccessToken): Record<string, string | number | null> {
  return { token_id: id, note, created_ms: createdMs, expires_ms: expiresMs };
}
