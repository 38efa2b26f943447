// One request that both servers get, and what of its answer later requests name.

export interface WireCase {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its query. `$run` stands for what an answer before it gave under `keep`. */
  readonly target: string;
  /** A text is sent as it is. */
  readonly body?: unknown;
  /** @default "application/json" where there is a body */
  readonly type?: string;
  /** By name: the way to a value in the answer, `run.info.run_id`. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Fields of the answer that are not compared. */
  readonly except?: readonly string[];
}

type More = Omit<WireCase, "method" | "target" | "body">;

export const get = (target: string, more: More = {}): WireCase => ({ method: "GET", target: full(target), ...more });
export const post = (target: string, body: unknown, more: More = {}): WireCase => ({
  method: "POST",
  target: full(target),
  body,
  ...more,
});
export const patch = (target: string, body: unknown, more: More = {}): WireCase => ({
  method: "PATCH",
  target: full(target),
  body,
  ...more,
});
export const remove = (target: string, body: unknown, more: More = {}): WireCase => ({
  method: "DELETE",
  target: full(target),
  body,
  ...more,
});

/** `runs/get` is below the API's prefix, `3:traces` below that of its third version; what begins with a slash is whole. */
function full(target: string): string {
  if (target.startsWith("/")) return target;
  return target.startsWith("3:") ? `/api/3.0/mlflow/${target.slice(2)}` : `/api/2.0/mlflow/${target}`;
}

export function titleOf({ method, target, body }: WireCase): string {
  const sent = body === undefined ? "" : ` ${typeof body === "string" ? body : JSON.stringify(body)}`;
  return `${method} ${target}${sent.length > 160 ? `${sent.slice(0, 160)}…` : sent}`;
}
