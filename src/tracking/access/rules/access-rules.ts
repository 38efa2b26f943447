// Users and rights: oneself, whoever may manage a thing, and administrators.
import type { AccessEndpoints } from "../access-handlers.ts";
import type { Reach } from "../reach.ts";
import { denied } from "../reach.ts";
import { resourceOf } from "../resource.ts";
import { admins, allow, anyone, onExperiment, onModel, type Rules } from "../rule.ts";

const onOneself = allow(({ username }: { readonly username?: string }, reach: Reach) => {
  if (username && username !== reach.user.username) reach.admin();
});

type Thing = { readonly username: string; readonly resource_type: string; readonly resource_id: string };

async function mayManage({ resource_type, resource_id }: Thing, reach: Reach): Promise<void> {
  const { kind, resource } = resourceOf(resource_type, resource_id);
  await (kind === "experiment" ? reach.experiment(resource, "manage") : reach.model(resource, "manage"));
}

export const accessRules: Rules<AccessEndpoints | "getVersion"> = {
  createUser: admins,
  getUser: onOneself,
  listUsers: admins,
  getCurrentUser: anyone,
  updateUserPassword: onOneself,
  updateUserAdmin: admins,
  deleteUser: admins,
  createExperimentPermission: onExperiment("manage"),
  getExperimentPermission: onExperiment("manage"),
  updateExperimentPermission: onExperiment("manage"),
  deleteExperimentPermission: onExperiment("manage"),
  createRegisteredModelPermission: onModel("manage"),
  getRegisteredModelPermission: onModel("manage"),
  updateRegisteredModelPermission: onModel("manage"),
  deleteRegisteredModelPermission: onModel("manage"),
  grantUserPermission: allow(mayManage),
  revokeUserPermission: allow(mayManage),
  getUserPermission: allow(async (request: Thing, reach) => {
    if (request.username !== reach.user.username) await mayManage(request, reach);
  }),
  createAccessToken: onOneself,
  listAccessTokens: onOneself,
  deleteAccessToken: allow(async ({ token_id }: { readonly token_id: string }, reach) => {
    const owner = await reach.access.tokenOwner(token_id);
    if (owner !== null && owner !== reach.user.id && !reach.user.isAdmin) throw denied();
  }),
  getVersion: anyone,
};
