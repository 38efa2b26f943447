// The endpoints of users, their rights and tokens.

import { createAccessToken } from "./access/create-access-token.ts";
import { createExperimentPermission } from "./access/create-experiment-permission.ts";
import { createRegisteredModelPermission } from "./access/create-registered-model-permission.ts";
import { createUser } from "./access/create-user.ts";
import { deleteAccessToken } from "./access/delete-access-token.ts";
import { deleteExperimentPermission } from "./access/delete-experiment-permission.ts";
import { deleteRegisteredModelPermission } from "./access/delete-registered-model-permission.ts";
import { deleteUser } from "./access/delete-user.ts";
import { getCurrentUser } from "./access/get-current-user.ts";
import { getExperimentPermission } from "./access/get-experiment-permission.ts";
import { getRegisteredModelPermission } from "./access/get-registered-model-permission.ts";
import { getUser } from "./access/get-user.ts";
import { getUserPermission } from "./access/get-user-permission.ts";
import { grantUserPermission } from "./access/grant-user-permission.ts";
import { listAccessTokens } from "./access/list-access-tokens.ts";
import { listUsers } from "./access/list-users.ts";
import { revokeUserPermission } from "./access/revoke-user-permission.ts";
import { updateExperimentPermission } from "./access/update-experiment-permission.ts";
import { updateRegisteredModelPermission } from "./access/update-registered-model-permission.ts";
import { updateUserAdmin } from "./access/update-user-admin.ts";
import { updateUserPassword } from "./access/update-user-password.ts";

export const accessEndpoints: {
  readonly createUser: typeof createUser;
  readonly getUser: typeof getUser;
  readonly listUsers: typeof listUsers;
  readonly getCurrentUser: typeof getCurrentUser;
  readonly updateUserPassword: typeof updateUserPassword;
  readonly updateUserAdmin: typeof updateUserAdmin;
  readonly deleteUser: typeof deleteUser;
  readonly createExperimentPermission: typeof createExperimentPermission;
  readonly getExperimentPermission: typeof getExperimentPermission;
  readonly updateExperimentPermission: typeof updateExperimentPermission;
  readonly deleteExperimentPermission: typeof deleteExperimentPermission;
  readonly createRegisteredModelPermission: typeof createRegisteredModelPermission;
  readonly getRegisteredModelPermission: typeof getRegisteredModelPermission;
  readonly updateRegisteredModelPermission: typeof updateRegisteredModelPermission;
  readonly deleteRegisteredModelPermission: typeof deleteRegisteredModelPermission;
  readonly grantUserPermission: typeof grantUserPermission;
  readonly revokeUserPermission: typeof revokeUserPermission;
  readonly getUserPermission: typeof getUserPermission;
  readonly createAccessToken: typeof createAccessToken;
  readonly listAccessTokens: typeof listAccessTokens;
  readonly deleteAccessToken: typeof deleteAccessToken;
} = {
  createUser,
  getUser,
  listUsers,
  getCurrentUser,
  updateUserPassword,
  updateUserAdmin,
  deleteUser,
  createExperimentPermission,
  getExperimentPermission,
  updateExperimentPermission,
  deleteExperimentPermission,
  createRegisteredModelPermission,
  getRegisteredModelPermission,
  updateRegisteredModelPermission,
  deleteRegisteredModelPermission,
  grantUserPermission,
  revokeUserPermission,
  getUserPermission,
  createAccessToken,
  listAccessTokens,
  deleteAccessToken,
};
