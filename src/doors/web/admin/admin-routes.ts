// The routes of the admin port, as data: what each takes, and what it does with the service.
import { trimaranError } from "../../../base/errors.ts";
import type { LogLevel } from "../../../io/log/log.ts";
import type { Fleet } from "../fleet/fleet-options.ts";
import type { ModelChange, VersionWish } from "../fleet/model-change.ts";
import { type Member, members, type Wish } from "./read-wish.ts";

export interface AdminCall {
  readonly fleet: Fleet;
  /** What stands for `{name}`. */
  readonly name: string;
  readonly wish: Wish;
}

export interface AdminRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly about: string;
  /** @default [] */
  readonly required?: readonly Member[];
  /** @default [] */
  readonly optional?: readonly Member[];
  readonly answer: (call: AdminCall) => Promise<object>;
}

const versionMembers: readonly Member[] = ["version", "model"];

export const adminRoutes: readonly AdminRoute[] = [
  {
    method: "GET",
    path: "/admin",
    about: "These routes.",
    answer: async () => ({ routes: adminRoutes.map(shownRoute) }),
  },
  {
    method: "GET",
    path: "/admin/state",
    about: "Workers with their versions, calls and memory; names with what they serve and what is wanted.",
    answer: ({ fleet }) => wholeState(fleet),
  },
  {
    method: "GET",
    path: "/admin/models/{name}",
    about: "One name of the state.",
    answer: (call) => modelState(call),
  },
  changing({
    method: "POST",
    path: "/admin/models/{name}/load",
    about: "Serves a version beside the one that answers; without a version what the targets hold now.",
    optional: versionMembers,
    change: ({ wish }) => ({ kind: "load", of: wish }),
  }),
  changing({
    method: "POST",
    path: "/admin/models/{name}/swap",
    about: "Puts a version in the place of the one that answers, which is kept for a rollback.",
    optional: versionMembers,
    change: (call) => ({ kind: "swap", of: named(call) }),
  }),
  changing({
    method: "POST",
    path: "/admin/models/{name}/unload",
    about: "Takes a version out; without one, all of the name.",
    optional: ["version"],
    change: ({ wish }) => ({ kind: "unload", version: wish.version }),
  }),
  changing({
    method: "PUT",
    path: "/admin/models/{name}/shadow",
    about: "Gives a challenger a copy of every call; its answers are logged, never given.",
    optional: versionMembers,
    change: (call) => ({ kind: "shadow", of: named(call) }),
  }),
  changing({
    method: "DELETE",
    path: "/admin/models/{name}/shadow",
    about: "Takes the shadow away.",
    change: () => ({ kind: "shadow", of: null }),
  }),
  changing({
    method: "PUT",
    path: "/admin/models/{name}/canary",
    about: "Lets a challenger answer a share of the callers, the same callers always.",
    required: ["share"],
    optional: versionMembers,
    change: (call) => ({ kind: "canary", of: named(call), share: call.wish.share ?? 0 }),
  }),
  changing({
    method: "DELETE",
    path: "/admin/models/{name}/canary",
    about: "Takes the canary away.",
    change: () => ({ kind: "canary", of: null, share: 0 }),
  }),
  changing({
    method: "POST",
    path: "/admin/models/{name}/promote",
    about: "The canary, else the shadow, answers from now on.",
    change: () => ({ kind: "promote" }),
  }),
  changing({
    method: "POST",
    path: "/admin/models/{name}/rollback",
    about: "What answered before answers again, without being loaded where it is kept.",
    change: () => ({ kind: "rollback" }),
  }),
  {
    method: "PUT",
    path: "/admin/log-level",
    about: "What all processes log from now on.",
    required: ["level"],
    answer: async ({ fleet, wish }) => {
      fleet.setLogLevel(wish.level as LogLevel);
      return { level: wish.level };
    },
  },
  {
    method: "POST",
    path: "/admin/reload",
    about: "As SIGHUP: reads definitions, models, keys and certificates anew, and exchanges all workers.",
    answer: async ({ fleet }) => {
      await fleet.reload();
      return wholeState(fleet);
    },
  },
];

interface Changing extends Omit<AdminRoute, "answer"> {
  readonly change: (call: AdminCall) => ModelChange;
}

function changing({ change, ...route }: Changing): AdminRoute {
  return {
    ...route,
    answer: async (call) => {
      await call.fleet.change(call.name, change(call));
      return modelState(call);
    },
  };
}

/** @throws ADMIN_BODY where neither is given */
function named({ wish, name }: AdminCall): VersionWish {
  if (wish.version !== null || wish.model !== null) return wish;
  const message = `Give \`version\`, ${members.version}, or \`model\`, ${members.model}.`;
  const issues = [{ path: "/version", code: "required", message }];
  throw trimaranError("ADMIN_BODY", { path: `/admin/models/${name}`, count: 1 }, { issues });
}

async function wholeState(fleet: Fleet): Promise<object> {
  const { url, grpcPort } = fleet;
  const uptime = Math.round(process.uptime() * 1000);
  const supervisor = { pid: process.pid, uptime_ms: uptime, rss_bytes: process.memoryUsage.rss() };
  return { url, grpc_port: grpcPort, supervisor, ...(await fleet.state()) };
}

/** @throws REQUEST_NO_SERVICE */
async function modelState({ fleet, name }: AdminCall): Promise<object> {
  const model = (await fleet.state()).models.find((each) => each.name === name);
  if (model === undefined) throw trimaranError("REQUEST_NO_SERVICE", { name });
  return model;
}

function shownRoute({ method, path, about, required = [], optional = [] }: AdminRoute): object {
  const of = (names: readonly Member[]): object => Object.fromEntries(names.map((name) => [name, members[name]]));
  return { method, path, about, required: of(required), optional: of(optional) };
}
