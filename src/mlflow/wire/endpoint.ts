// What an endpoint is, the types that follow from it, and where it is mounted.
import type { Fields, ReadFields, WrittenFields } from "./field-type.ts";

export type EndpointMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Endpoint {
  readonly name: string;
  readonly method: EndpointMethod;
  /** A second method of the same path. */
  readonly alsoMethod?: EndpointMethod;
  /** `none`: mounted as it stands. `ajax-2.0`: only below the prefix of the user interface. */
  readonly version: "2.0" | "3.0" | "none" | "ajax-2.0";
  /** `{name}` is one segment, `{name...}` all that follow. */
  readonly path: string;
  readonly request: Fields;
  readonly response: Fields;
}

/** What a server gets of it. */
export type RequestOf<E extends Endpoint> = ReadFields<E["request"]>;
/** What a client sends. */
export type RequestInput<E extends Endpoint> = WrittenFields<E["request"]>;
/** What a client gets. */
export type AnswerOf<E extends Endpoint> = ReadFields<E["response"]>;
/** What a server answers with. */
export type AnswerInput<E extends Endpoint> = WrittenFields<E["response"]>;

/** Every path that a server mounts it at; the first is that of programs. */
export function pathsOf({ version, path }: Endpoint): readonly string[] {
  switch (version) {
    case "none":
      return [path];
    case "ajax-2.0":
      return [`/ajax-api/2.0${path}`];
    case "2.0":
    case "3.0":
      return [`/api/${version}${path}`, `/ajax-api/${version}${path}`];
  }
}

export function methodsOf({ method, alsoMethod }: Endpoint): readonly EndpointMethod[] {
  return alsoMethod === undefined ? [method] : [method, alsoMethod];
}

/** The names of the path's parameters: `["model_id", "tag_key"]`. */
export function pathParameters(path: string): readonly string[] {
  return [...path.matchAll(/\{(\w+)(?:\.\.\.)?\}/g)].map(([, name]) => name ?? "");
}
