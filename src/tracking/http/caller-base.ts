// The address that a client used for this server, for URLs that it is given.
import type { HttpRequest } from "./exchange.ts";

/** `https` when a proxy before us says so: it could only mislead whoever sent it. Null without a Host header. */
export function callerBase({ header }: Pick<HttpRequest, "header">): string | null {
  const host = header("host") ?? "";
  if (!/^[a-z0-9.[\]:_-]{1,300}$/i.test(host)) return null;
  const forwarded = header("x-forwarded-proto")?.split(",")[0]?.trim().toLowerCase();
  return `${forwarded === "https" ? "https" : "http"}://${host}`;
}
