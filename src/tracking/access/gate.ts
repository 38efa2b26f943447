// Before any handler: who asks, and whether they may. What has no rule is for administrators only.
import type { AnswerInput, Endpoint, RequestOf } from "../../mlflow/wire/endpoint.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import type { TrackingStore } from "../store/tracking-store.ts";
import type { AccessStore } from "./access-store.ts";
import { Authenticator, type Identity } from "./authenticator.ts";
import type { Permission } from "./permission.ts";
import { Reach } from "./reach.ts";
import { ruleOf } from "./rule-table.ts";

export interface GateOptions {
  readonly access: AccessStore;
  readonly store: TrackingStore;
  /** What everybody may do where nothing was granted. */
  readonly defaultPermission: Permission;
}

/** What a route that reads its own request tells of it. */
export interface RawFacts {
  readonly endpoint: Endpoint | null;
  readonly query: URLSearchParams;
  readonly parameters: Readonly<Record<string, string>>;
  readonly header: (name: string) => string | undefined;
}

type Ask = (request: RequestOf<Endpoint>) => Promise<AnswerInput<Endpoint>>;

export class AccessGate {
  readonly access: AccessStore;
  readonly defaultPermission: Permission;
  readonly #options: GateOptions;
  readonly #authenticator: Authenticator;

  constructor(options: GateOptions) {
    this.access = options.access;
    this.defaultPermission = options.defaultPermission;
    this.#options = options;
    this.#authenticator = new Authenticator(options.access);
  }

  /** Null for a route that asks for no account. @throws WireError UNAUTHENTICATED */
  async identify(name: string | null, authorization: string | undefined): Promise<Identity | null> {
    if (name !== null && ruleOf(name) === "open") return null;
    const identity = await this.#authenticator.identify(authorization);
    if (identity === null) {
      throw new WireError("UNAUTHENTICATED", "You are not authenticated: send a user and password, or a token.");
    }
    return identity;
  }

  /** @throws WireError PERMISSION_DENIED */
  async checkRaw(name: string, facts: RawFacts, identity: Identity | null): Promise<void> {
    const rule = ruleOf(name);
    if (rule === "open" || identity === null) return;
    const reach = this.#reach(identity);
    if (rule === null) return reach.admin();
    await rule.before(factsOf(facts) as unknown as RequestOf<Endpoint>, reach);
  }

  /** The handler's answer as far as the user may see it. @throws WireError PERMISSION_DENIED */
  async asked(
    name: string,
    request: RequestOf<Endpoint>,
    { identity, ask }: { readonly identity: Identity | null; readonly ask: Ask },
  ): Promise<AnswerInput<Endpoint>> {
    const rule = ruleOf(name);
    if (rule === "open" || identity === null) return ask(request);
    const reach = this.#reach(identity);
    if (rule === null) {
      reach.admin();
      return ask(request);
    }
    const left = await rule.before(request, reach);
    if (left === null) return {} as AnswerInput<Endpoint>;
    const answer = await ask(left);
    return rule.after === undefined ? answer : rule.after(answer, { request: left, reach, again: ask });
  }

  #reach({ user }: Identity): Reach {
    const { access, store, defaultPermission } = this.#options;
    return new Reach({ user, access, store, defaultPermission });
  }
}

/** As the route's own code reads them: a path's parameters win over the query's. */
function factsOf({ endpoint, query, parameters, header }: RawFacts): Record<string, string | readonly string[]> {
  const facts: Record<string, string | readonly string[]> = {};
  for (const name of new Set([...query.keys(), "run_id", "run_uuid"])) {
    const values = query.getAll(name);
    const isList = endpoint?.request[name]?.includes("[]") === true;
    if (isList) facts[name] = values;
    else if (values[0] !== undefined) facts[name] = values[0];
  }
  // Spans name their experiment in a header.
  const experiment = endpoint === null ? header("x-mlflow-experiment-id") : undefined;
  return { ...facts, ...(experiment === undefined ? {} : { experiment_id: experiment }), ...parameters };
}
