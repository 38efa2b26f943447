// From a path to what answers it.
import type { Endpoint } from "../../mlflow/wire/endpoint.ts";
import { methodsOf, pathsOf } from "../../mlflow/wire/endpoint.ts";

interface Pattern<T> {
  readonly segments: readonly string[];
  readonly methods: Map<string, T>;
}

export type Routed<T> =
  | { readonly kind: "found"; readonly route: T; readonly parameters: Readonly<Record<string, string>> }
  | { readonly kind: "method"; readonly allowed: readonly string[] }
  | { readonly kind: "none" };

export class Router<T> {
  readonly #patterns = new Map<string, Pattern<T>>();
  readonly #plain = new Map<string, Pattern<T>>();
  readonly #others: Pattern<T>[] = [];

  add(endpoint: Endpoint, route: T): void {
    for (const path of pathsOf(endpoint)) for (const method of methodsOf(endpoint)) this.addPath(method, path, route);
  }

  addPath(method: string, path: string, route: T): void {
    let pattern = this.#patterns.get(path);
    if (pattern === undefined) {
      pattern = { segments: path.split("/"), methods: new Map() };
      this.#patterns.set(path, pattern);
      if (path.includes("{")) this.#others.push(pattern);
      else this.#plain.set(path, pattern);
    }
    pattern.methods.set(method, route);
  }

  /** `path` is as it was sent, still percent-encoded. */
  find(method: string, path: string): Routed<T> {
    const plain = this.#plain.get(path);
    const segments = path.split("/");
    const candidates = plain === undefined ? this.#others : [plain, ...this.#others];
    const allowed = new Set<string>();
    for (const pattern of candidates) {
      const parameters = matched(pattern.segments, segments);
      if (parameters === null) continue;
      const route = pattern.methods.get(method === "HEAD" ? "GET" : method);
      if (route !== undefined) return { kind: "found", route, parameters };
      for (const each of pattern.methods.keys()) allowed.add(each);
    }
    return allowed.size === 0 ? { kind: "none" } : { kind: "method", allowed: [...allowed] };
  }
}

function matched(pattern: readonly string[], segments: readonly string[]): Readonly<Record<string, string>> | null {
  const parameters: Record<string, string> = {};
  for (const [index, each] of pattern.entries()) {
    const name = /^\{(\w+)(\.\.\.)?\}$/.exec(each);
    const segment = segments[index];
    if (name === null ? segment !== each : segment === undefined || segment === "") return null;
    if (name === null) continue;
    const isRest = name[2] !== undefined;
    const value = decoded(isRest ? segments.slice(index).join("/") : (segment ?? ""));
    if (value === null) return null;
    parameters[name[1] ?? ""] = value;
    if (isRest) return parameters;
  }
  return segments.length === pattern.length ? parameters : null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
