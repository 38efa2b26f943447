// What a search for runs may name: entities, attributes and their columns.
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { unknownAttribute } from "./sql-condition.ts";

export type Entity = "attribute" | "metric" | "param" | "tag" | "dataset";

const entities: ReadonlyMap<string, Entity> = new Map(
  Object.entries<Entity>({
    "": "attribute",
    attribute: "attribute",
    attributes: "attribute",
    attr: "attribute",
    run: "attribute",
    metric: "metric",
    metrics: "metric",
    param: "param",
    params: "param",
    parameter: "param",
    parameters: "param",
    tag: "tag",
    tags: "tag",
    dataset: "dataset",
    datasets: "dataset",
  }),
);

export const aliases: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    created: "start_time",
    Created: "start_time",
    "run name": "run_name",
    "Run name": "run_name",
    "Run Name": "run_name",
  }),
);
export const numbers: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({ start_time: "r.start_time", end_time: "r.end_time" }),
);
export const texts: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    run_id: "r.run_uuid",
    status: "r.status",
    user_id: "r.user_id",
    artifact_uri: "r.artifact_uri",
  }),
);
export const attributes: readonly string[] = [...texts.keys(), "run_name", ...numbers.keys()];

/** @throws WireError */
export function entityOf(name: string): Entity {
  const entity = entities.get(name);
  if (entity === undefined) {
    throw invalidParameter(
      `Invalid entity type '${name.slice(0, 100)}'. Valid values are ['metric', 'parameter', 'tag', 'attribute', 'dataset']`,
    );
  }
  return entity;
}

/** @throws WireError */
export function orderColumn(key: string): string {
  const column = key === "run_name" ? "r.name" : (texts.get(key) ?? numbers.get(key));
  if (column === undefined) throw unknownAttribute(key, attributes);
  return column;
}
