// Where a webhook goes: its URL is checked, its name is resolved once, and the connection is made to that very address.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import { isPublicAddress } from "./public-address.ts";

export interface TargetRules {
  /** `https`; more by MLFLOW_WEBHOOK_ALLOWED_SCHEMES. */
  readonly schemes: readonly string[];
  /** MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS. */
  readonly allowsPrivate: boolean;
}

export interface Target {
  readonly url: URL;
  readonly address: string;
  readonly family: 4 | 6;
}

export const maxUrlChars = 500;

/** @throws WireError */
export function checkedUrl(text: string, { schemes }: TargetRules): URL {
  if (text.trim() === "") throw invalidParameter("Webhook URL cannot be empty or just whitespace.");
  if (text.length > maxUrlChars) throw invalidParameter(`Webhook URL exceeds ${maxUrlChars} characters.`);
  if (!URL.canParse(text)) throw invalidParameter("Invalid webhook URL.");
  const url = new URL(text);
  const scheme = url.protocol.slice(0, -1);
  if (!schemes.includes(scheme) || (scheme !== "http" && scheme !== "https")) {
    throw invalidParameter(
      `Invalid webhook URL scheme: '${scheme.slice(0, 50)}'. Allowed schemes are: ${schemes.join(", ")}.`,
    );
  }
  if (url.hostname === "") throw invalidParameter("Webhook URL must include a hostname.");
  return url;
}

/** @throws WireError for a URL that is malformed or leads to an address that is not public */
export async function resolveTarget(text: string, rules: TargetRules): Promise<Target> {
  const url = checkedUrl(text, rules);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const found = isIP(host) === 0 ? await resolved(host) : [{ address: host, family: isIP(host) }];
  if (!rules.allowsPrivate && !found.every(({ address }) => isPublicAddress(address))) {
    throw invalidParameter("Webhook URL must not resolve to a non-public IP address.");
  }
  const [first] = found;
  if (first === undefined) throw invalidParameter("Webhook URL has a hostname that cannot be resolved.");
  return { url, address: first.address, family: first.family === 6 ? 6 : 4 };
}

async function resolved(host: string): Promise<readonly { readonly address: string; readonly family: number }[]> {
  try {
    return await lookup(host, { all: true });
  } catch {
    throw invalidParameter("Webhook URL has a hostname that cannot be resolved.");
  }
}
