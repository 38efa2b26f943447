// `postgresql://user:password@host:port/database?sslmode=require`, as libpq and SQLAlchemy read it.
import { trimaranError } from "../../base/errors.ts";

export const sslModes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] as const;
export type SslMode = (typeof sslModes)[number];

export interface PostgresPlace {
  /** Undefined: PGHOST, or the usual place. A path is the folder of a Unix socket. */
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly sslMode: SslMode;
  readonly sslRootCert: string | undefined;
  readonly sslCert: string | undefined;
  readonly sslKey: string | undefined;
  readonly connectTimeoutMs: number;
  readonly applicationName: string;
  /** Settings of the session: `-c search_path=mlflow`. */
  readonly options: string | undefined;
}

const knownOptions: ReadonlySet<string> = new Set(
  "host port user password dbname sslmode sslrootcert sslcert sslkey connect_timeout application_name options".split(
    " ",
  ),
);
/** What libpq knows and we need not: what it asks for is so, or changes nothing here. */
const idleOptions: ReadonlySet<string> = new Set(
  "client_encoding keepalives keepalives_idle keepalives_interval keepalives_count gssencmode fallback_application_name channel_binding".split(
    " ",
  ),
);

export function isPostgresUrl(uri: string): boolean {
  return /^postgres(ql)?(\+\w+)?:/i.test(uri);
}

/** @throws STORE_URI, without anything of the URL that may be secret */
export function parsePostgresUrl(uri: string): PostgresPlace {
  const parts =
    /^postgres(?:ql)?(?:\+\w+)?:\/\/(?:([^:/@?]*)(?::([^@]*))?@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(uri);
  if (parts === null)
    throw bad(
      "it is not `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`; encode signs such as @ / ? # in it by percents",
    );
  const [, user, password, authority = "", path = "", query = ""] = parts;
  const options = optionsOf(query);
  if (authority.includes(",")) throw bad("more than one host is not supported");
  const place = /^(\[[^\]@]*\]|[^:@]*)(?::(\d*))?$/.exec(authority);
  if (place === null) throw bad("the host or the port is malformed");
  const host = options.get("host") ?? decoded(place[1]?.replace(/^\[(.*)\]$/, "$1"));
  if (host?.includes(",")) throw bad("more than one host is not supported");
  return {
    host: host || undefined,
    port: portOf(options.get("port") ?? place[2]),
    user: (options.get("user") ?? decoded(user)) || undefined,
    password: options.get("password") ?? decoded(password),
    database: (options.get("dbname") ?? decoded(path)) || undefined,
    sslMode: sslModeOf(options.get("sslmode")),
    sslRootCert: options.get("sslrootcert") || undefined,
    sslCert: options.get("sslcert") || undefined,
    sslKey: options.get("sslkey") || undefined,
    connectTimeoutMs: timeoutOf(options.get("connect_timeout")),
    applicationName: options.get("application_name") ?? "trimaran",
    options: options.get("options"),
  };
}

function optionsOf(query: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const part of query.split("&").filter((each) => each !== "")) {
    const at = part.indexOf("=");
    const name = decoded(at < 0 ? part : part.slice(0, at)) ?? "";
    if (idleOptions.has(name)) continue;
    if (!knownOptions.has(name))
      throw bad(`its option ${/^\w{1,40}$/.test(name) ? name : "(unreadable)"} is not known`);
    options.set(name, decoded(at < 0 ? "" : part.slice(at + 1)) ?? "");
  }
  return options;
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    throw bad("a percent sign in it does not begin an encoded character; the sign itself is %25");
  }
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw bad("the port must be a number from 1 to 65535");
  return port;
}

function sslModeOf(text: string | undefined): SslMode {
  const mode = text === undefined ? "prefer" : sslModes.find((known) => known === text);
  if (mode === undefined) throw bad(`sslmode must be one of ${sslModes.join(", ")}`);
  return mode;
}

function timeoutOf(text: string | undefined): number {
  if (text === undefined) return 10_000;
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 0) throw bad("connect_timeout must be a number of seconds");
  return seconds * 1000;
}

function bad(problem: string): Error {
  return trimaranError("STORE_URI", { problem });
}
