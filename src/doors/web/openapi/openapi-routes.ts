// `GET /openapi.json`, `GET /docs` and `/docs/{name}`: written once per state of the catalog, with an ETag.
import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { trimaranError } from "../../../base/errors.ts";
import type { Catalog } from "../../../serving/catalog.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import { assertApiKey } from "../access.ts";
import type { Door } from "../door.ts";
import type { Route } from "../route.ts";
import { openApiDocument } from "./document.ts";
import { lockedPage, type Page, servicePage } from "./page.ts";

/** `all`: every route of the door, these among them. */
export function openapiRoutes(all: () => readonly Route[]): readonly Route[] {
  const kept = new WeakMap<Door, State>();
  const stateOf = (door: Door): State => {
    const found = kept.get(door);
    if (found !== undefined && isSame(found.served, servedBy(door.catalog))) return found;
    const state = { served: servedBy(door.catalog), texts: new Map<string, Text>() };
    kept.set(door, state);
    return state;
  };
  const answerDocument = (door: Door, request: FastifyRequest, reply: FastifyReply): void => {
    if (door.phase === "loading") {
      door.sendError(reply, trimaranError("SERVICE_NOT_READY", { state: door.phase }));
      return;
    }
    const text = textOf(stateOf(door), "document", () => {
      const { catalog, options } = door;
      return withTag({ text: JSON.stringify(openApiDocument({ catalog, routes: all(), options })) });
    });
    reply.header("content-type", "application/json; charset=utf-8").header("x-content-type-options", "nosniff");
    sendText(door, { request, reply }, text);
  };
  const answerPage = (door: Door, request: FastifyRequest, reply: FastifyReply): void => {
    const { name } = request.params as { readonly name?: string };
    try {
      if (!mayRead(door, request)) {
        sendPage(door, { request, reply }, withTag(lockedPage()), 401);
        return;
      }
      const service = door.service(name);
      // Its links are relative, so that they also hold behind a proxy that serves it below a path of its own.
      const depth = (name === undefined ? 0 : 1) + (/\/(\?|$)/.test(request.url) ? 1 : 0);
      const place = `page ${depth} ${name === undefined ? "" : `of ${name}`}`;
      const text = textOf(stateOf(door), place, () =>
        withTag(servicePage({ service, named: name !== undefined, depth, door, routes: all() })),
      );
      sendPage(door, { request, reply }, text, 200);
    } catch (error) {
      door.sendError(reply, error);
    }
  };
  return [
    { method: "GET", path: "/openapi.json", about: "What is served, as OpenAPI 3.1.", handle: answerDocument },
    { method: "GET", path: "/docs", about: "A page to fill in a row and see the prediction.", handle: answerPage },
    { method: "GET", path: "/docs/{name}", about: "The same for one of several services.", handle: answerPage },
  ];
}

interface Text extends Page {
  readonly etag: string;
}

interface State {
  readonly served: readonly unknown[];
  readonly texts: Map<string, Text>;
}

/** A model behind a server may learn its version later, so a service is not the same with another one. */
function servedBy(catalog: Catalog): readonly unknown[] {
  return catalog.names.flatMap((name) => {
    const service: PredictionService | undefined = catalog.find(name);
    return [name, service, service?.model.version, catalog.versions(name).join("\n")];
  });
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function textOf({ texts }: State, place: string, make: () => Text): Text {
  const found = texts.get(place) ?? make();
  texts.set(place, found);
  return found;
}

/** The same text has the same tag in every worker. */
function withTag(page: Page): Text {
  const digest = createHash("sha256").update(page.text).digest("base64url").slice(0, 27);
  return { ...page, etag: `"${digest}"` };
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

function sendPage(door: Door, exchange: Exchange, page: Text, status: number): void {
  exchange.reply
    .header("content-type", "text/html; charset=utf-8")
    .header("content-security-policy", page.policy ?? "default-src 'none'")
    .header("x-content-type-options", "nosniff")
    .header("referrer-policy", "no-referrer");
  if (status === 401) {
    exchange.reply.header("cache-control", "no-store").header("www-authenticate", "Bearer");
    door.send(exchange.reply, status, page.text);
    return;
  }
  sendText(door, exchange, page);
}

function sendText(door: Door, { request, reply }: Exchange, { text, etag }: Text): void {
  reply.header("etag", etag).header("cache-control", "no-cache");
  if (door.options.apiKeys.length > 0) {
    const others = reply.getHeader("vary");
    reply.header("vary", `${others === undefined ? "" : `${String(others)}, `}Authorization, X-API-Key`);
  }
  const known = request.headers["if-none-match"]?.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  if (known?.some((tag) => tag === etag || tag === "*")) {
    reply.removeHeader("content-type");
    door.send(reply, 304, "");
  } else {
    door.send(reply, 200, text);
  }
}

/** The page itself asks for the key: a browser sends none when it opens an address. */
function mayRead({ options }: Door, { headers }: FastifyRequest): boolean {
  if (options.apiKeys.length === 0) return true;
  try {
    assertApiKey(options.apiKeys, headers);
    return true;
  } catch {
    return false;
  }
}
