// What the environment says about the tracking server: MLflow's own variables, and its file of credentials.
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import type { TlsSettings } from "../../io/http-stream.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface TrackingSettings {
  /** Null: the embedded store. */
  readonly uri: string | null;
  /** Of the header `authorization`; null: none. Never in a message. */
  readonly authorization: string | null;
  readonly tls: TlsSettings;
  readonly maxRetries: number;
  readonly idleMs: number;
}

/** @throws TRACKING_URI, FILE_NOT_READABLE */
export async function readTrackingSettings(env: Environment): Promise<TrackingSettings> {
  const uri = env["MLFLOW_TRACKING_URI"] || null;
  return {
    uri,
    authorization: uri !== null && /^https?:/i.test(uri) ? await authorizationOf(env, uri) : null,
    tls: await tlsOf(env),
    maxRetries: countOf(env["MLFLOW_HTTP_REQUEST_MAX_RETRIES"], { usual: 4, max: 20 }),
    idleMs: countOf(env["MLFLOW_HTTP_REQUEST_TIMEOUT"], { usual: 120, max: 86_400 }) * 1000,
  };
}

function countOf(text: string | undefined, { usual, max }: { usual: number; max: number }): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Math.min(Number(text), max) : usual;
}

/** A user and password in the URI win, then the variables, then the file; of these a user goes before a token, as in MLflow. */
async function authorizationOf(env: Environment, uri: string): Promise<string | null> {
  if (!URL.canParse(uri)) throw trimaranError("TRACKING_URI", { problem: "it is no URL" });
  const { username, password } = new URL(uri);
  if (username !== "") return basic(decodeURIComponent(username), decodeURIComponent(password));
  const fromFile = env["MLFLOW_TRACKING_USERNAME"] ? {} : await readCredentialsFile(env);
  const user = env["MLFLOW_TRACKING_USERNAME"] || fromFile["mlflow_tracking_username"];
  const secret = env["MLFLOW_TRACKING_PASSWORD"] || fromFile["mlflow_tracking_password"];
  if (user && secret) return basic(user, secret);
  const token = env["MLFLOW_TRACKING_TOKEN"];
  if (!token) return null;
  // A header cannot hold these.
  if (/[^\x21-\x7e]/.test(token)) throw trimaranError("TRACKING_URI", { problem: "MLFLOW_TRACKING_TOKEN is no token" });
  return `Bearer ${token}`;
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** `~/.mlflow/credentials`: an INI file with a section `[mlflow]`. */
async function readCredentialsFile(env: Environment): Promise<Readonly<Record<string, string>>> {
  const path = join(env["HOME"] || homedir(), ".mlflow", "credentials");
  const text = await readFile(path, "utf8").catch(() => "");
  const out: Record<string, string> = {};
  let isOurs = false;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1];
    if (section !== undefined) isOurs = section.trim() === "mlflow";
    const [, key, value] = /^\s*(\w+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (isOurs && key !== undefined && value !== undefined) out[key.toLowerCase()] = value;
  }
  return out;
}

async function tlsOf(env: Environment): Promise<TlsSettings> {
  const authorities = env["MLFLOW_TRACKING_SERVER_CERT_PATH"] || env["REQUESTS_CA_BUNDLE"];
  const own = env["MLFLOW_TRACKING_CLIENT_CERT_PATH"];
  return {
    verifies: !/^(true|1)$/i.test(env["MLFLOW_TRACKING_INSECURE_TLS"] ?? ""),
    ...(authorities ? { authorities: await readPem(authorities) } : {}),
    ...(own ? { ownCertificate: await readPem(own) } : {}),
  };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const problem = (cause as NodeJS.ErrnoException).code ?? "it failed";
    throw trimaranError("FILE_NOT_READABLE", { path, problem }, { cause });
  }
}
