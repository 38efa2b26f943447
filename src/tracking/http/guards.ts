// Who may ask: the Host header against DNS rebinding, the Origin header against pages of other sites.
import { hostname } from "node:os";
import { type HttpAnswer, type HttpRequest, textAnswer } from "./exchange.ts";

export interface GuardOptions {
  /** Beyond those that are always allowed: `ml.example.org`, `ml.example.org:8443`, `*.example.org`, or `*` for any. */
  readonly allowedHosts: readonly string[];
  /** Origins of pages that may write: `https://ml.example.org`, or `*`. */
  readonly allowedOrigins: readonly string[];
}

/** Null: go on. */
export function refusal(request: HttpRequest, path: string, options: GuardOptions): HttpAnswer | null {
  if (path === "/health" || path === "/version") return null;
  const host = request.header("host") ?? "";
  if (!isAllowedHost(host, options.allowedHosts)) {
    return textAnswer(403, "Invalid Host header - possible DNS rebinding attack detected");
  }
  const origin = request.header("origin");
  const isWrite = !["GET", "HEAD", "OPTIONS"].includes(request.method);
  if (isWrite && origin !== undefined && !isAllowedOrigin(origin, host, options.allowedOrigins)) {
    return textAnswer(403, "Cross-origin request blocked");
  }
  return null;
}

export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  const parts = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(:\d{1,5})?$/i.exec(host.toLowerCase());
  const [, name = ""] = parts ?? [];
  if (parts === null) return false;
  const names = ["localhost", "host.docker.internal", hostname().toLowerCase()];
  return (
    names.includes(name) || isPrivate(name) || allowed.some((pattern) => matches(pattern, host.toLowerCase(), name))
  );
}

function isPrivate(name: string): boolean {
  if (/^\[(::1?|f[cd][0-9a-f]{2}:[0-9a-f:.]*|fe[89ab][0-9a-f]:[0-9a-f:.]*)\]$/.test(name)) return true;
  const bytes = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(name)?.slice(1).map(Number);
  if (bytes === undefined || bytes.some((byte) => byte > 255)) return false;
  const [a = 0, b = 0] = bytes;
  return a === 127 || a === 10 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b <= 31) || name === "0.0.0.0";
}

function matches(pattern: string, host: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  if (wanted === "*" || wanted === host || wanted === name) return true;
  const [start = "", end] = wanted.split("*", 2);
  const isWithin = (text: string): boolean =>
    text.length > start.length + (end ?? "").length && text.startsWith(start) && text.endsWith(end ?? "");
  return end !== undefined && wanted.indexOf("*") === wanted.lastIndexOf("*") && (isWithin(host) || isWithin(name));
}

function isAllowedOrigin(origin: string, host: string, allowed: readonly string[]): boolean {
  if (allowed.includes("*") || allowed.includes(origin)) return true;
  const name = /^https?:\/\/([^/?#@]+)$/i.exec(origin)?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === host.toLowerCase() || /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/.test(name);
}
