// Settings of the door that lie in files. Each generation of workers reads them anew, so that SIGHUP takes renewed certificates and keys.
import { readFile } from "node:fs/promises";
import { trimaranError } from "../../../base/errors.ts";
import { readApiKeys } from "../access.ts";
import type { WebOptions } from "../web-options.ts";

export interface WebFiles {
  /** Lines of `NAME sha256:HEX`. */
  readonly apiKeys?: string;
  /** The certificate chain in PEM. */
  readonly tlsCert?: string;
  /** Its private key in PEM. */
  readonly tlsKey?: string;
}

/** @throws FILE_NOT_FOUND, FILE_NOT_READABLE, API_KEYS_INVALID, TLS_INVALID */
export async function readWebFiles({
  apiKeys,
  tlsCert,
  tlsKey,
}: WebFiles): Promise<Pick<WebOptions, "apiKeys" | "tls">> {
  return {
    ...(apiKeys === undefined ? {} : { apiKeys: readApiKeys(await readText(apiKeys)) }),
    ...(tlsCert === undefined || tlsKey === undefined ? {} : { tls: await readTls(tlsCert, tlsKey) }),
  };
}

async function readTls(certFile: string, keyFile: string): Promise<{ readonly cert: string; readonly key: string }> {
  const [cert, key] = [await readText(certFile), await readText(keyFile)];
  const { createSecureContext } = await import("node:tls");
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw trimaranError("TLS_INVALID", { cert: certFile, key: keyFile }, { cause });
  }
  return { cert, key };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const { code = "an unknown error" } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") throw trimaranError("FILE_NOT_FOUND", { path: file }, { cause });
    throw trimaranError("FILE_NOT_READABLE", { path: file, problem: code }, { cause });
  }
}
