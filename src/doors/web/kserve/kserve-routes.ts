// The routes of KServe v1 and TensorFlow Serving's REST.
import type { FastifyReply } from "fastify";
import { trimaranError } from "../../../base/errors.ts";
import type { Door } from "../door.ts";
import type { Route } from "../route.ts";
import { kserveDialect } from "./kserve-dialect.ts";
import { listModels, showModel } from "./model-status.ts";
import { predictV1 } from "./predict-v1.ts";

const dialect = kserveDialect;
const places = [
  "/v1/models/{name}",
  "/v1/models/{name}/versions/{version}",
  "/v1/models/{name}/labels/{label}",
] as const;
const [model, ofVersion, ofLabel] = places;

/** What TensorFlow Serving and KServe know beside predictions. */
const otherVerbs = ["explain", "classify", "regress"] as const;

export const kserveRoutes: readonly Route[] = [
  { method: "GET", path: "/v1/models", about: "KServe v1: the names that are served.", dialect, handle: listModels },
  {
    method: "GET",
    path: model,
    about: "KServe v1: whether it is ready, and its versions.",
    dialect,
    handle: showModel,
  },
  { method: "GET", path: ofVersion, about: "KServe v1: the same of one version.", dialect, handle: showModel },
  ...[
    { path: model, about: "KServe v1 and TF Serving: instances → predictions, inputs → outputs." },
    { path: ofVersion, about: "The same of one version." },
    { path: ofLabel, about: "The same of one label: stable, or canary while there is one." },
  ].map(({ path, about }): Route => ({ method: "POST", path: `${path}:predict`, about, dialect, handle: predictV1 })),
  ...otherVerbs.map(
    (verb): Route => ({
      method: "POST",
      path: `${model}:${verb}`,
      about: "Not offered: answers 501.",
      dialect,
      handle: (door, _request, reply) => notOffered(door, reply, verb),
    }),
  ),
];

function notOffered(door: Door, reply: FastifyReply, verb: string): void {
  door.sendError(reply, trimaranError("KSERVE_NOT_OFFERED", { verb: `:${verb}` }));
}
