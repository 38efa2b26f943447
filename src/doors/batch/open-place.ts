// Which kind of place a URL means. A scheme is one row; what it needs is loaded when it is asked for.
import { trimaranError } from "../../base/errors.ts";
import type { InputSource, OutputPlace, PlaceOptions } from "./ports.ts";

interface Scheme {
  readonly openSource: ((url: string, options: PlaceOptions) => Promise<InputSource>) | null;
  readonly openPlace: ((url: string, options: PlaceOptions) => Promise<OutputPlace>) | null;
}

const postgres: Scheme = {
  openSource: async (url) => (await import("./sources/postgres-source.ts")).openPostgresSource(url),
  openPlace: async (url, options) => (await import("./sinks/postgres-place.ts")).openPostgresPlace(url, options),
};

/** By the scheme of the URL, without `:`. A path has none. */
const schemes: Readonly<Record<string, Scheme>> = {
  "": {
    openSource: async (url) => (await import("./local-source.ts")).openLocalSource(url),
    openPlace: async (url) => (await import("./local-place.ts")).openLocalPlace(url),
  },
  file: {
    openSource: async (url) => (await import("./local-source.ts")).openLocalSource(url),
    openPlace: async (url) => (await import("./local-place.ts")).openLocalPlace(url),
  },
  s3: {
    openSource: async (url, options) => (await import("./sources/s3-source.ts")).openS3Source(url, options),
    openPlace: async (url, options) => (await import("./sinks/s3-place.ts")).openS3Place(url, options),
  },
  sqlite: {
    openSource: async (url) => (await import("./sources/sqlite-source.ts")).openSqliteSource(url),
    openPlace: async (url, options) => {
      const { openFileDatabasePlace } = await import("./sinks/file-database-place.ts");
      return openFileDatabasePlace((await import("./sinks/sqlite-tables.ts")).sqliteTables, url, options);
    },
  },
  duckdb: {
    openSource: async (url) => (await import("./sources/duckdb-source.ts")).openDuckDBSource(url),
    openPlace: async (url, options) => {
      const { openFileDatabasePlace } = await import("./sinks/file-database-place.ts");
      return openFileDatabasePlace((await import("./sinks/duckdb-tables.ts")).duckdbTables, url, options);
    },
  },
  postgresql: postgres,
  postgres,
  http: {
    openSource: async (url) => (await import("./sources/http-source.ts")).openHttpSource(url),
    openPlace: null,
  },
  https: {
    openSource: async (url) => (await import("./sources/http-source.ts")).openHttpSource(url),
    openPlace: null,
  },
};

/** @throws BATCH_SCHEME, and what opening it throws */
export async function openSource(url: string, options: PlaceOptions): Promise<InputSource> {
  const open = schemeOf(url)?.openSource ?? null;
  if (open === null) throw unknownScheme(url, "read from");
  return open(url, options);
}

/** @throws BATCH_SCHEME, and what opening it throws */
export async function openPlace(url: string, options: PlaceOptions): Promise<OutputPlace> {
  const open = schemeOf(url)?.openPlace ?? null;
  if (open === null) throw unknownScheme(url, "write to");
  return open(url, options);
}

/** The part before `:`, in lower case; empty for a path. */
export function schemeName(url: string): string {
  return /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase() ?? "";
}

function schemeOf(url: string): Scheme | null {
  const name = schemeName(url);
  return Object.hasOwn(schemes, name) ? (schemes[name] ?? null) : null;
}

function unknownScheme(url: string, use: string): Error {
  const known = Object.entries(schemes).flatMap(([name, scheme]) => {
    const can = use === "read from" ? scheme.openSource : scheme.openPlace;
    return can === null ? [] : [name === "" ? "a path" : `${name}:`];
  });
  return trimaranError("BATCH_SCHEME", { scheme: schemeName(url), use, known: known.join(", ") });
}
