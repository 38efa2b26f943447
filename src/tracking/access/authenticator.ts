// Who asks: HTTP's basic authentication, or a bearer token.
import { createHmac, randomBytes } from "node:crypto";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import type { AccessStore, AccessUser } from "./access-store.ts";
import { BusyError, hashPassword, isPassword } from "./passwords.ts";

export interface Identity {
  readonly user: AccessUser;
  readonly by: "password" | "token";
}

const maxRemembered = 1000;
const maxHeaderChars = 4096;

export class Authenticator {
  readonly #store: AccessStore;
  /** Digests, under a key of this process, of passwords that were right; they end with the stored hash that they belong to. */
  readonly #remembered = new Set<string>();
  readonly #key = randomBytes(32);
  #decoy: Promise<string> | null = null;

  constructor(store: AccessStore) {
    this.#store = store;
  }

  /** Null: nobody that we know. @throws WireError RESOURCE_EXHAUSTED when too many are being checked */
  async identify(authorization: string | undefined): Promise<Identity | null> {
    if (authorization === undefined || authorization.length > maxHeaderChars) return null;
    const [, scheme = "", value = ""] = /^\s*(\w+)\s+(\S+)\s*$/.exec(authorization) ?? [];
    switch (scheme.toLowerCase()) {
      case "bearer": {
        const user = await this.#store.tokenUser(value);
        return user === null ? null : { user, by: "token" };
      }
      case "basic": {
        const [, username = "", password = ""] =
          /^([^:]*):(.*)$/s.exec(Buffer.from(value, "base64").toString("utf8")) ?? [];
        const user = await this.#store.findUser(username);
        return (await this.#isRight(user, password)) && user !== null ? { user, by: "password" } : null;
      }
      default:
        return null;
    }
  }

  /** A name that is not known takes as long as a wrong password. */
  async #isRight(user: AccessUser | null, password: string): Promise<boolean> {
    this.#decoy ??= hashPassword(randomBytes(16).toString("hex"));
    const stored = user?.passwordHash ?? (await this.#decoy);
    const digest = createHmac("sha256", this.#key).update(`${stored}\0${password}`).digest("base64");
    if (user !== null && this.#remembered.has(digest)) return true;
    const isRight = await isPassword(password, stored).catch((error: unknown) => {
      if (error instanceof BusyError)
        throw new WireError("RESOURCE_EXHAUSTED", "Too many passwords are being checked; try again.");
      throw error;
    });
    if (!isRight || user === null) return false;
    const [oldest] = this.#remembered;
    if (this.#remembered.size >= maxRemembered && oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.add(digest);
    return true;
  }
}
