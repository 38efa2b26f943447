// Who may ask: API keys, and the Host names under which the service answers (a guard against DNS rebinding).
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { trimaranError } from "../../base/errors.ts";

export interface ApiKey {
  /** For logs; the key itself is not known here. */
  readonly name: string;
  readonly sha256: Buffer;
}

/**
 * A line a key: `NAME sha256:HEX`. Empty lines and lines that begin with `#` are skipped.
 * @throws API_KEYS_INVALID
 */
export function readApiKeys(text: string): readonly ApiKey[] {
  const keys: ApiKey[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const found = /^\s*(\S+)\s+sha256:([0-9a-f]{64})\s*$/i.exec(line);
    if (found === null) throw trimaranError("API_KEYS_INVALID", { line: index + 1 });
    keys.push({ name: found[1]!, sha256: Buffer.from(found[2]!, "hex") });
  }
  return keys;
}

/**
 * The key that `Authorization: Bearer` or `X-API-Key` carries. Every known key is compared, each in constant time.
 * @throws REQUEST_UNAUTHENTICATED
 */
export function assertApiKey(keys: readonly ApiKey[], headers: IncomingHttpHeaders): ApiKey {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
  const sent = headers["x-api-key"] ?? bearer;
  const digest = createHash("sha256")
    .update(typeof sent === "string" ? sent : "")
    .digest();
  let known: ApiKey | undefined;
  for (const key of keys) if (timingSafeEqual(key.sha256, digest)) known = key;
  if (known === undefined || typeof sent !== "string") throw trimaranError("REQUEST_UNAUTHENTICATED", {});
  return known;
}

/**
 * Probes carry no key: they learn whether the process is well, and nothing else. The page at /docs asks for the key itself, and
 * shows nothing before it has one.
 */
const openPaths: ReadonlySet<string> = new Set([
  "/health/live",
  "/health/ready",
  "/ping",
  "/health",
  "/v2/health/live",
  "/v2/health/ready",
]);

export function needsNoKey(url: string): boolean {
  const path = url.split("?", 1)[0]!.replace(/(.)\/$/, "$1");
  // These need the admin token.
  if (/^\/v2\/repository\/models\/[^/]+\/(load|unload)$/.test(path)) return true;
  return openPaths.has(path) || path === "/docs" || /^\/docs\/[^/]*$/.test(path);
}

const loopbackNames = ["localhost", "127.0.0.1", "[::1]"];

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/**
 * Whether the service answers under a Host header. A page in a browser can be led to a loopback address by its own name server, but
 * its requests then carry its own name. So what listens on loopback answers to loopback's names only; elsewhere names are
 * checked when some are given. `*.example.com` stands for every name below it, `*` for any.
 */
export function hostCheck(host: string, allowedHosts: readonly string[]): (header: string) => boolean {
  if (allowedHosts.includes("*")) return () => true;
  if (allowedHosts.length === 0 && !isLoopback(host)) return () => true;
  const own = isLoopback(host) ? [...loopbackNames, host.includes(":") ? `[${host}]` : host] : [];
  const names = new Set([...own, ...allowedHosts].map((name) => name.toLowerCase()));
  const endings = allowedHosts.filter((name) => name.startsWith("*.")).map((name) => name.slice(1).toLowerCase());
  const known = new Set<string>();
  return (header) => {
    if (known.has(header)) return true;
    const asked = header.toLowerCase();
    const name = asked.replace(/:\d*$/, "");
    const passes = names.has(asked) || names.has(name) || endings.some((ending) => name.endsWith(ending));
    // Ports make many spellings of one name, so this must not grow without end.
    if (passes && known.size < 100) known.add(header);
    return passes;
  };
}
