// The routes of the Open Inference Protocol, version 2, with its extensions for repositories, statistics and binary data. Each is
// answered with and without a slash at its end.
import type { FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../../base/errors.ts";
import { jsonValueText } from "../../../data/json-value-text.ts";
import type { Door } from "../door.ts";
import { type Body, decompressBody } from "../read-body.ts";
import type { Route } from "../route.ts";
import { infer, parseBody } from "./infer-rest.ts";
import { oipDialect } from "./oip-dialect.ts";
import { assertMayChange, assertNoSettings, changeModel, repositoryIndex } from "./repository.ts";
import { isModelReady, isServerReady, modelMetadata, serverFacts } from "./server-facts.ts";
import { modelStatistics, statisticsObject } from "./statistics.ts";

const dialect = oipDialect;
const model = "/v2/models/{name}";
const ofVersion = "/v2/models/{name}/versions/{version}";

interface Asked {
  readonly door: Door;
  readonly request: FastifyRequest;
  readonly name: string;
  readonly version: string | undefined;
}

interface Told {
  readonly status?: number;
  readonly value: unknown;
}

type Tell = (asked: Asked) => Told | Promise<Told>;

export const oipRoutes: readonly Route[] = [
  get("/v2", "Open Inference Protocol: name, version and extensions of the server.", () => ({ value: serverFacts() })),
  get("/v2/health/live", "200 while the process runs.", () => ({ value: { live: true } })),
  get("/v2/health/ready", "200 when every model is loaded, else 503.", ({ door }) => readiness(isServerReady(door))),
  get("/v2/models/stats", "Counts and durations of every version.", tellStatistics),
  ...[model, ofVersion].flatMap((place, index): Route[] => {
    const of = index === 0 ? "" : ", of one version";
    return [
      get(place, `Inputs and outputs of a model${of}.`, tellMetadata),
      get(`${place}/ready`, `200 when the model answers, else 503${of}.`, tellModelReady),
      get(`${place}/stats`, `Counts and durations${of}.`, tellStatistics),
      { method: "POST", path: `${place}/infer`, about: `Tensors in, tensors out${of}.`, dialect, handle: infer },
    ];
  }),
  post("/v2/repository/index", "The models, their versions and states.", tellIndex),
  post("/v2/repository/models/{name}/load", "Loads the model anew; the old one answers until then.", (asked) =>
    change(asked, "load"),
  ),
  post("/v2/repository/models/{name}/unload", "Takes the model out of memory.", (asked) => change(asked, "unload")),
];

function get(path: string, about: string, tell: Tell): Route {
  return { method: "GET", path, about, dialect, handle: handler(tell) };
}

function post(path: string, about: string, tell: Tell): Route {
  return { method: "POST", path, about, dialect, handle: handler(tell) };
}

function handler(tell: Tell): Route["handle"] {
  return (door, request, reply) => {
    const { name = "", version } = request.params as { readonly name?: string; readonly version?: string };
    const told = async (): Promise<Told> => tell({ door, request, name, version });
    told().then(
      ({ status = 200, value }) => sendValue(door, { reply, status, value }),
      (error: unknown) => door.sendError(reply, error),
    );
  };
}

function sendValue(
  door: Door,
  { reply, status, value }: { readonly reply: FastifyReply; readonly status: number; readonly value: unknown },
): void {
  const text = value === undefined ? "" : jsonValueText(value);
  door.send(reply.header("content-type", "application/json"), status, text);
}

function readiness(ready: boolean, name?: string): Told {
  return { status: ready ? 200 : 503, value: name === undefined ? { ready } : { name, ready } };
}

async function tellMetadata({ door, name, version }: Asked): Promise<Told> {
  return { value: await modelMetadata(door, door.service(name, version)) };
}

function tellModelReady({ door, name, version }: Asked): Told {
  return readiness(isModelReady(door, name, version), name);
}

async function tellStatistics({ door, name, version }: Asked): Promise<Told> {
  const statistics = await modelStatistics(door, name === "" ? undefined : name, version);
  return { value: { model_stats: statistics.map(statisticsObject) } };
}

async function tellIndex(asked: Asked): Promise<Told> {
  const { ready } = await readObject(asked);
  if (ready !== undefined && ready !== null && typeof ready !== "boolean") {
    throw trimaranError("OIP_PARAMETER", {
      parameter: "ready",
      problem: "it is no boolean",
      expected: "true or false",
    });
  }
  const models = repositoryIndex(asked.door, { ready: ready === true });
  return { value: models.map(({ name, version, state, reason }) => ({ name, version, state, reason })) };
}

async function change(asked: Asked, what: "load" | "unload"): Promise<Told> {
  const { door, name, request } = asked;
  assertMayChange(door, request.headers.authorization);
  const { parameters } = await readObject(asked);
  if (parameters !== undefined && parameters !== null) {
    if (!isObject(parameters)) throw trimaranError("OIP_REQUEST", { problem: "`parameters` is no object" });
    assertNoSettings(Object.keys(parameters));
  }
  await changeModel(door, name, what);
  return { value: undefined };
}

/** Clients send nothing, or an object. */
async function readObject({ request, door }: Asked): Promise<Readonly<Record<string, unknown>>> {
  const body = request.body as Body;
  if (body === undefined) return {};
  const { bodyLimit, maxDepth } = door.options;
  if (!Buffer.isBuffer(body)) throw trimaranError("REQUEST_TOO_LARGE", { limit: bodyLimit });
  const encoding = request.headers["content-encoding"];
  const bytes = encoding === undefined ? body : await decompressBody(body, encoding, bodyLimit);
  const text = bytes.toString("utf8");
  if (text.trim() === "") return {};
  const value = parseBody(text, maxDepth);
  if (!isObject(value)) throw trimaranError("OIP_REQUEST", { problem: "the body is no object" });
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
