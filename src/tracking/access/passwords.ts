// Passwords as scrypt leaves them: `scrypt$N$r$p$salt$key`. Checking one costs much on purpose, so few are checked at once.
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { invalidParameter } from "../../mlflow/wire/wire-error.ts";

const cost = { N: 32_768, r: 8, p: 1 } as const;
const keyBytes = 32;
const minChars = 12;
const maxChars = 1024;
const checkedAtOnce = 2;
const maxWaiting = 200;

/** @throws WireError */
export function assertPassword(password: string): void {
  if (password.length < minChars)
    throw invalidParameter(`Password must be a string longer than ${minChars - 1} characters.`);
  if (password.length > maxChars) throw invalidParameter(`Password must be at most ${maxChars} characters long.`);
}

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derived(password, { salt, ...cost });
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64url"), key.toString("base64url")].join("$");
}

/** In the same time whether it is right or not. */
export async function isPassword(password: string, stored: string): Promise<boolean> {
  const [, N = "", r = "", p = "", salt = "", key = ""] = stored.split("$");
  const wanted = Buffer.from(key, "base64url");
  if (wanted.length !== keyBytes || password.length > maxChars) return false;
  const options = { salt: Buffer.from(salt, "base64url"), N: Number(N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derived(password, options), wanted);
}

interface Cost {
  readonly salt: Buffer;
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

let running = 0;
const waiting: (() => void)[] = [];

async function derived(password: string, { salt, N, r, p }: Cost): Promise<Buffer> {
  if (running >= checkedAtOnce) {
    if (waiting.length >= maxWaiting) throw new BusyError();
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  running++;
  try {
    return await new Promise((resolve, reject) => {
      const options = { N, r, p, maxmem: 256 * N * r };
      scrypt(password.normalize("NFC"), salt, keyBytes, options, (error, key) =>
        error ? reject(error) : resolve(key),
      );
    });
  } finally {
    running--;
    waiting.shift()?.();
  }
}

/** Too many passwords wait to be checked. */
export class BusyError extends Error {}
