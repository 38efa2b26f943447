// One server's side of the comparison: what it answers to each request in turn, without what differs by chance.
import type { WireCase } from "./wire-case.ts";

/** Workspaces are not offered, and what names an error for Databricks is not either. */
const notOurs: ReadonlySet<string> = new Set(["workspace", "sqlstate", "error_class"]);

export interface Told {
  readonly status: number;
  /** JSON, or a text that is none. */
  readonly body: unknown;
}

export class Side {
  readonly #url: string;
  /** By name, what the answers gave. */
  readonly #kept = new Map<string, string>();

  constructor(url: string) {
    this.#url = url;
  }

  async ask(asked: WireCase): Promise<Told> {
    const { method, target, body, type = "application/json", keep = {}, except = [] } = asked;
    const text = body === undefined ? undefined : this.#filled(typeof body === "string" ? body : JSON.stringify(body));
    const response = await fetch(`${this.#url}${this.#filled(target, true)}`, {
      method,
      headers: text === undefined || type === "" ? {} : { "content-type": type },
      ...(text === undefined ? {} : { body: Buffer.from(text) }),
    });
    const answered = await response.text();
    const json = jsonOf(answered);
    for (const [name, way] of Object.entries(keep)) {
      const value = way
        .split(".")
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], json);
      if (typeof value === "string" || typeof value === "number") this.#kept.set(name, String(value));
    }
    return { status: response.status, body: this.#settled(json, except) };
  }

  #filled(text: string, isUrl = false): string {
    return text.replace(/\$(\w+)/g, (all, name: string) => {
      const value = this.#kept.get(name);
      return value === undefined ? all : isUrl ? encodeURIComponent(value) : value;
    });
  }

  /** Names stand in for identifiers, signs for times. */
  #settled(value: unknown, except: readonly string[]): unknown {
    if (typeof value === "string") return this.#settledText(value);
    if (typeof value === "number") return value > 1.6e12 && value < 4e12 ? "<ms>" : value;
    if (Array.isArray(value)) return inOrder(value.map((item) => this.#settled(item, except)));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !except.includes(key) && !notOurs.has(key))
        .map(([key, item]) => [
          this.#settledText(key),
          key === "next_page_token" && item !== "" ? "<token>" : this.#settled(item, except),
        ]),
    );
  }

  #settledText(text: string): string {
    let settled = text;
    for (const [name, value] of this.#kept) if (value.length > 7) settled = settled.replaceAll(value, `<${name}>`);
    return (
      settled
        .replace(/\ba-[0-9a-f]{32}\b/g, "<assessment>")
        // What follows is the statement in SQL.
        .replace(/ already exists\. Error: .*$/s, " already exists.")
        .replace(/\b[a-z]+-[a-z]+-\d{1,3}$/, "<random name>")
        .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>")
        .replace(/[0-9a-f]{32}/g, "<id>")
        .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>")
        .replace(/\b1[6-9]\d{11}\b/g, "<ms>")
    );
  }
}

/** Tags and parameters come in no order that anybody promised. */
function inOrder(items: unknown[]): unknown[] {
  const keyOf = (item: unknown): string | undefined => (item as { readonly key?: string } | null)?.key;
  const areTags = items.every((item) => keyOf(item) !== undefined && Object.hasOwn(item as object, "value"));
  const isOfTime = items.some((item) => Object.hasOwn(item as object, "timestamp"));
  if (!areTags || isOfTime) return items;
  return items.sort((a, b) => ((keyOf(a) ?? "") < (keyOf(b) ?? "") ? -1 : 1));
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.startsWith("<!doctype html") ? "<page>" : text;
  }
}
