// Where the schema registry is and who asks: its address as the user gives it, secrets from the environment or from files.
import { readFileSync } from "node:fs";
import { trimaranError } from "../../../../base/errors.ts";

export interface RegistryAddress {
  /** One or several, tried in order. */
  readonly urls: readonly URL[];
  /** The `Authorization` header; null: none. */
  readonly authorization: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

export const registryVariables = {
  user: "TRIMARAN_SCHEMA_REGISTRY_USER",
  password: "TRIMARAN_SCHEMA_REGISTRY_PASSWORD",
  passwordFile: "TRIMARAN_SCHEMA_REGISTRY_PASSWORD_FILE",
  token: "TRIMARAN_SCHEMA_REGISTRY_TOKEN",
  tokenFile: "TRIMARAN_SCHEMA_REGISTRY_TOKEN_FILE",
} as const;

/** `text`: URLs with commas between. @throws SCHEMA_REGISTRY_ADDRESS, SCHEMA_REGISTRY_SECRET */
export function resolveRegistryAddress(text: string, env: Environment): RegistryAddress {
  const urls = text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "")
    .map((item) => {
      const url = URL.canParse(item) ? new URL(item) : null;
      const refuse = (problem: string): Error => trimaranError("SCHEMA_REGISTRY_ADDRESS", { problem });
      if (url === null || !/^https?:$/.test(url.protocol)) throw refuse("it is no http or https URL");
      if (url.username !== "" || url.password !== "") throw refuse("it holds a user or a password");
      if (url.search !== "" || url.hash !== "") throw refuse("it has a query or a fragment");
      if (!url.pathname.endsWith("/")) url.pathname += "/";
      return url;
    });
  if (urls.length === 0) throw trimaranError("SCHEMA_REGISTRY_ADDRESS", { problem: "it is empty" });
  return { urls, authorization: authorizationOf(env) };
}

function authorizationOf(env: Environment): string | null {
  const token = secret(env, registryVariables.token, registryVariables.tokenFile);
  const user = env[registryVariables.user] ?? "";
  if (token !== null && user !== "")
    throw failed(`${registryVariables.user} and ${registryVariables.token} are both set`);
  if (token !== null) return `Bearer ${token}`;
  if (user === "") return null;
  const password = secret(env, registryVariables.password, registryVariables.passwordFile);
  if (password === null) throw failed(`${registryVariables.user} is set and ${registryVariables.password} is not`);
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

function secret(env: Environment, name: string, fileName: string): string | null {
  const value = env[name] ?? "";
  const file = env[fileName] ?? "";
  if (value !== "" && file !== "") throw failed(`${name} and ${fileName} are both set`);
  if (value !== "") return line(value, name);
  if (file === "") return null;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw failed(`the file of ${fileName} cannot be read`, cause);
  }
  return line(text.replace(/\r?\n$/, ""), fileName);
}

/** A header takes no line feeds. */
function line(text: string, name: string): string {
  if (text === "" || /[\u0000-\u001f\u007f]/.test(text)) throw failed(`${name} holds no secret of one line`);
  return text;
}

function failed(problem: string, cause?: unknown): Error {
  return trimaranError("SCHEMA_REGISTRY_SECRET", { problem }, { cause });
}
