// One route of the web door. Each dialect has a list of them; `routes.ts` puts the lists together.
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Dialect } from "./dialect.ts";
import type { Door } from "./door.ts";

export interface Route {
  readonly method: "GET" | "POST";
  /** With `{name}` for one segment or a part of it: `/v1/models/{name}:predict`. */
  readonly path: string;
  readonly about: string;
  /** @default our own */
  readonly dialect?: Dialect;
  readonly handle: (door: Door, request: FastifyRequest, reply: FastifyReply) => void;
}
