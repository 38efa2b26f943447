// Webhook secrets as MLflow keeps them: Fernet tokens of the key in MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY.
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

export interface SecretBox {
  seal(secret: string): string;
  /** Null: it was sealed with another key. */
  open(token: string): string | null;
}

/** `key` is 32 bytes in base64 for URLs; undefined: one that lasts as long as the process. Null: the key is malformed. */
export function makeSecretBox(key: string | undefined): SecretBox | null {
  const bytes = key === undefined || key === "" ? randomBytes(32) : Buffer.from(key, "base64url");
  if (bytes.length !== 32) return null;
  const [signing, hiding] = [bytes.subarray(0, 16), bytes.subarray(16)];
  const sign = (message: Uint8Array): Buffer => createHmac("sha256", signing).update(message).digest();
  return {
    seal(secret) {
      const iv = randomBytes(16);
      const head = Buffer.alloc(9);
      head[0] = 0x80;
      head.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000)), 1);
      const cipher = createCipheriv("aes-128-cbc", hiding, iv);
      const message = Buffer.concat([head, iv, cipher.update(secret, "utf8"), cipher.final()]);
      const token = Buffer.concat([message, sign(message)]).toString("base64url");
      return token + "=".repeat((4 - (token.length % 4)) % 4);
    },
    open(token) {
      const all = Buffer.from(token, "base64url");
      if (all.length < 73 || all[0] !== 0x80) return null;
      const message = all.subarray(0, -32);
      if (!timingSafeEqual(sign(message), all.subarray(-32))) return null;
      try {
        const cipher = createDecipheriv("aes-128-cbc", hiding, message.subarray(9, 25));
        return Buffer.concat([cipher.update(message.subarray(25)), cipher.final()]).toString("utf8");
      } catch {
        return null;
      }
    },
  };
}
