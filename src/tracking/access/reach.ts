// How far one user reaches: every right comes down to that to an experiment or to a registered model. Made anew for each request.
import type { SqlRow } from "../../io/sql/database.ts";
import { placeholders } from "../../io/sql/database.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { servedSegments } from "../artifacts/artifact-location.ts";
import { artifactSegments } from "../artifacts/artifact-path.ts";
import { textOf } from "../store/rows.ts";
import type { TrackingStore } from "../store/tracking-store.ts";
import type { AccessStore, AccessUser, ResourceKind } from "./access-store.ts";
import { allows, type Permission, type Right } from "./permission.ts";

export interface ReachOptions {
  readonly user: AccessUser;
  readonly access: AccessStore;
  readonly store: TrackingStore;
  /** Where nothing was granted. */
  readonly defaultPermission: Permission;
}

export class Reach {
  readonly user: AccessUser;
  readonly access: AccessStore;
  readonly #store: TrackingStore;
  readonly #defaultPermission: Permission;
  readonly #known = new Map<string, Promise<Permission>>();

  constructor({ user, access, store, defaultPermission }: ReachOptions) {
    this.user = user;
    this.access = access;
    this.#store = store;
    this.#defaultPermission = defaultPermission;
  }

  permission(kind: ResourceKind, resource: string): Promise<Permission> {
    if (this.user.isAdmin) return Promise.resolve("MANAGE");
    const key = `${kind}/${resource}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.access
      .permission(this.user.id, kind, resource)
      .then((granted) => granted ?? this.#defaultPermission);
    this.#known.set(key, found);
    return found;
  }

  async canExperiment(id: string, right: Right): Promise<boolean> {
    // Experiments are numbers: `01` is the same one.
    const plain = /^\d{1,15}$/.test(id) ? String(Number(id)) : id;
    return allows(await this.permission("experiment", plain), right);
  }

  async canModel(name: string, right: Right): Promise<boolean> {
    return allows(await this.permission("model", name), right);
  }

  /** @throws WireError PERMISSION_DENIED, as do all that follow; what is not there is left to the handler to tell */
  async experiment(id: string, right: Right): Promise<void> {
    if (!(await this.canExperiment(id, right))) throw denied();
  }

  async experiments(ids: readonly string[], right: Right): Promise<void> {
    for (const id of ids) await this.experiment(id, right);
  }

  async experimentNamed(name: string, right: Right): Promise<void> {
    await this.#owners("SELECT experiment_id FROM experiments WHERE name = ?", [name], right);
  }

  async model(name: string, right: Right): Promise<void> {
    if (!(await this.canModel(name, right))) throw denied();
  }

  async run(id: string, right: Right): Promise<void> {
    await this.#owners("SELECT experiment_id FROM runs WHERE run_uuid = ?", [id], right);
  }

  async loggedModel(id: string, right: Right): Promise<void> {
    await this.#owners("SELECT experiment_id FROM logged_models WHERE model_id = ?", [id], right);
  }

  async canTrace(id: string, right: Right): Promise<boolean> {
    const rows = await this.#store.database.query("SELECT experiment_id FROM trace_info WHERE request_id = ?", [id]);
    for (const row of rows) if (!(await this.canExperiment(textOf(row, "experiment_id"), right))) return false;
    return true;
  }

  async trace(id: string, right: Right): Promise<void> {
    if (!(await this.canTrace(id, right))) throw denied();
  }

  /** All experiments that it belongs to; the default where it belongs to none. */
  async canDataset(id: string, right: Right): Promise<boolean> {
    const sql = `SELECT destination_id AS experiment_id FROM entity_associations
      WHERE source_type = 'evaluation_dataset' AND destination_type = 'experiment' AND source_id = ?`;
    const rows = await this.#store.database.query(sql, [id]);
    for (const row of rows) if (!(await this.canExperiment(textOf(row, "experiment_id"), right))) return false;
    return rows.length > 0 || this.user.isAdmin || allows(this.#defaultPermission, right);
  }

  async dataset(id: string, right: Right): Promise<void> {
    if (!(await this.canDataset(id, right))) throw denied();
  }

  /** Below the proxy's root: whose experiment it is. Nobody's is the administrators'. */
  async path(path: string, right: Right): Promise<void> {
    if (this.user.isAdmin) return;
    await this.location(`mlflow-artifacts:/${artifactSegments(path).join("/")}`, right);
  }

  /** Anywhere: the experiments whose artifacts lie there, above it or below it. */
  async location(location: string, right: Right): Promise<void> {
    if (this.user.isAdmin) return;
    const plain = location.startsWith("mlflow-artifacts:")
      ? `mlflow-artifacts:/${servedSegments(location, "").join("/")}`
      : location.replace(/\/+$/, "");
    const above = [plain];
    for (let at = plain.lastIndexOf("/"); at > 0; at = plain.lastIndexOf("/", at - 1)) above.push(plain.slice(0, at));
    const { database } = this.#store;
    const below = `${plain.replace(/\/+$/, "")}/`;
    const sql = `SELECT experiment_id FROM experiments WHERE artifact_location IN (${placeholders(above.length)})
      OR substr(artifact_location, 1, ${[...below].length}) = ?`;
    const rows = await database.query(sql, [...above, below]);
    if (rows.length === 0) throw new NobodysError();
    await this.#all(rows, right);
  }

  /** What a version may point at: outside of what this server reads it is the client's own affair. */
  async source(location: string): Promise<void> {
    const root = this.#store.artifactRoot.replace(/\/+$/, "");
    const isServed = location.startsWith("mlflow-artifacts:") || location === root || location.startsWith(`${root}/`);
    try {
      await this.location(location, "read");
    } catch (error) {
      if (isServed || !location.startsWith("s3:") || !(error instanceof NobodysError)) throw error;
    }
  }

  /** Whose artifacts a new location would mix with; none is no harm. */
  async newLocation(location: string): Promise<void> {
    try {
      await this.location(location, "update");
    } catch (error) {
      if (!(error instanceof NobodysError)) throw error;
    }
  }

  admin(): void {
    if (!this.user.isAdmin) throw denied();
  }

  async #owners(sql: string, parameters: readonly string[], right: Right): Promise<void> {
    if (!this.user.isAdmin) await this.#all(await this.#store.database.query(sql, parameters), right);
  }

  async #all(rows: readonly SqlRow[], right: Right): Promise<void> {
    for (const row of rows) await this.experiment(textOf(row, "experiment_id"), right);
  }
}

export function denied(): WireError {
  return new WireError("PERMISSION_DENIED", "Permission denied");
}

/** No experiment keeps its artifacts there. */
class NobodysError extends WireError {
  constructor() {
    super("PERMISSION_DENIED", "Permission denied");
  }
}
