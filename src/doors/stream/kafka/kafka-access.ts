// How brokers are reached: TLS and SASL, from the address's scheme and from the environment or files; never from the address.
import { readFile } from "node:fs/promises";
import { trimaranError } from "../../../base/errors.ts";

export interface KafkaAccess {
  readonly brokers: readonly string[];
  /** null: without TLS. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | null;
  readonly sasl: {
    readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
    readonly username: string;
    readonly password: string;
  } | null;
  /** What the client library itself is told beside. */
  readonly config: Readonly<Record<string, unknown>>;
}

export interface AccessSources {
  readonly brokers: readonly string[];
  readonly tls: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configFile: string | null;
}

const mechanisms = ["plain", "scram-sha-256", "scram-sha-512"] as const;
const prefix = "TRIMARAN_KAFKA_";

/** @throws KAFKA_SECRET, KAFKA_CONFIG */
export async function kafkaAccess({ brokers, tls, env, configFile }: AccessSources): Promise<KafkaAccess> {
  const secretOf = (name: string): string | undefined => env[prefix + name] || undefined;
  const fileOf = async (name: string): Promise<string | undefined> => {
    const path = secretOf(`${name}_FILE`);
    if (path === undefined) return undefined;
    return readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      const problem = `${prefix}${name}_FILE cannot be read (${error.code})`;
      throw trimaranError("KAFKA_SECRET", { problem });
    });
  };
  const username = secretOf("USERNAME");
  const password = secretOf("PASSWORD") ?? (await fileOf("PASSWORD"))?.replace(/\r?\n$/, "");
  if ((username === undefined) !== (password === undefined)) {
    throw trimaranError("KAFKA_SECRET", { problem: "a user without a password, or the other way round" });
  }
  const wanted = (secretOf("MECHANISM") ?? "plain").toLowerCase();
  const mechanism = mechanisms.find((each) => each === wanted);
  if (mechanism === undefined) {
    throw trimaranError("KAFKA_SECRET", { problem: `${prefix}MECHANISM is none of ${mechanisms.join(", ")}` });
  }
  const [ca, cert, key] = [await fileOf("CA"), await fileOf("CERT"), await fileOf("KEY")];
  if ((cert === undefined) !== (key === undefined)) {
    throw trimaranError("KAFKA_SECRET", { problem: "a certificate without its key, or the other way round" });
  }
  const own = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  return {
    brokers,
    tls: tls ? own : null,
    sasl: username === undefined || password === undefined ? null : { mechanism, username, password },
    config: configFile === null ? {} : await readConfig(configFile),
  };
}

async function readConfig(file: string): Promise<Readonly<Record<string, unknown>>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    const problem = (error as NodeJS.ErrnoException).code ?? "it is no JSON";
    throw trimaranError("KAFKA_CONFIG", { file, problem });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw trimaranError("KAFKA_CONFIG", { file, problem: "it is no JSON object" });
}
