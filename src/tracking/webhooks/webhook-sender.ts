// Delivers webhooks: signed, tried again when the receiver is busy, never redirected, a few at a time.
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { http, https } from "../../io/plain-http.ts";
import type { JsonValue } from "../../mlflow/wire/field-type.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { makeSecretBox, type SecretBox } from "./secret-box.ts";
import { resolveTarget, type Target, type TargetRules } from "./webhook-target.ts";

export interface Delivery {
  readonly url: string;
  /** As it is stored. */
  readonly sealedSecret: string | null;
  readonly entity: string;
  readonly action: string;
  readonly data: JsonValue;
}

export interface Delivered {
  readonly status: number;
  /** At most 64 KiB of it. */
  readonly body: string;
}

export interface WebhookSettings {
  readonly rules: TargetRules;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** @default one that lasts as long as the process */
  readonly encryptionKey: string | undefined;
  readonly onFailure: (error: unknown) => void;
}

const atOnce = 10;
const maxWaiting = 10_000;
const maxAnswerBytes = 65_536;

export function webhookSettings(
  env: Readonly<Record<string, string | undefined>>,
  onFailure: (error: unknown) => void,
): WebhookSettings {
  const schemes = (env["MLFLOW_WEBHOOK_ALLOWED_SCHEMES"] ?? "https").split(",").map((scheme) => scheme.trim());
  const whole = (name: string, usual: number): number =>
    /^\d{1,4}$/.test(env[name] ?? "") ? Number(env[name]) : usual;
  return {
    rules: { schemes, allowsPrivate: /^(true|1)$/i.test(env["MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS"] ?? "") },
    timeoutMs: Math.max(1, whole("MLFLOW_WEBHOOK_REQUEST_TIMEOUT", 30)) * 1000,
    maxRetries: whole("MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES", 3),
    encryptionKey: env["MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"],
    onFailure,
  };
}

export class WebhookSender {
  readonly rules: TargetRules;
  readonly #settings: WebhookSettings;
  readonly #box: SecretBox | null;
  readonly #waiting: Delivery[] = [];
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(settings: WebhookSettings) {
    this.rules = settings.rules;
    this.#settings = settings;
    this.#box = makeSecretBox(settings.encryptionKey);
  }

  /** @throws WireError when the server's key is malformed */
  seal(secret: string): string {
    if (this.#box === null) throw keyProblem();
    return this.#box.seal(secret);
  }

  /** Sends it in its own time. */
  enqueue(delivery: Delivery): void {
    if (this.#closing.signal.aborted) return;
    if (this.#waiting.length >= maxWaiting) {
      this.#settings.onFailure(new WireError("RESOURCE_EXHAUSTED", "Too many webhooks wait; one was dropped."));
      return;
    }
    this.#waiting.push(delivery);
    this.#startNext();
  }

  /** With retries. @throws WireError, and what the network throws */
  async send(delivery: Delivery): Promise<Delivered> {
    const { maxRetries } = this.#settings;
    for (let tried = 0; ; tried++) {
      const last = tried >= maxRetries;
      try {
        const { delivered, retryAfterMs } = await this.#post(delivery);
        if (last || ![429, 500, 502, 503, 504].includes(delivered.status)) return delivered;
        await this.#pause(retryAfterMs ?? this.#backoff(tried));
      } catch (error) {
        if (last || error instanceof WireError || this.#closing.signal.aborted) throw error;
        await this.#pause(this.#backoff(tried));
      }
    }
  }

  /** Tells the operator. */
  fail(error: unknown): void {
    this.#settings.onFailure(error);
  }

  /** What waits is dropped; what is under way is cut off. */
  async close(): Promise<void> {
    this.#waiting.length = 0;
    this.#closing.abort();
    await Promise.all(this.#running);
  }

  #startNext(): void {
    while (this.#running.size < atOnce) {
      const delivery = this.#waiting.shift();
      if (delivery === undefined) return;
      const run = this.send(delivery)
        .then(
          () => {},
          (error: unknown) => {
            if (!this.#closing.signal.aborted) this.#settings.onFailure(error);
          },
        )
        .finally(() => {
          this.#running.delete(run);
          this.#startNext();
        });
      this.#running.add(run);
    }
  }

  #backoff(tried: number): number {
    return Math.min(60_000, 1000 * 2 ** tried * (1 + Math.random() / 2));
  }

  #pause(ms: number): Promise<void> {
    return sleep(Math.min(ms, 60_000), undefined, { signal: this.#closing.signal });
  }

  async #post(delivery: Delivery): Promise<{ readonly delivered: Delivered; readonly retryAfterMs: number | null }> {
    const target = await resolveTarget(delivery.url, this.rules);
    const id = randomUUID();
    const time = new Date();
    const { entity, action, data } = delivery;
    const timestamp = time.toISOString().replace("Z", "000+00:00");
    const body = JSON.stringify({ entity, action, timestamp, data });
    const unix = String(Math.floor(time.getTime() / 1000));
    const headers: Record<string, string> = {
      "Content-Type": "application/json",
      "X-MLflow-Delivery-Id": id,
      "X-MLflow-Timestamp": unix,
    };
    if (delivery.sealedSecret !== null) {
      const secret = this.#box?.open(delivery.sealedSecret) ?? null;
      if (secret === null) throw keyProblem();
      const digest = createHmac("sha256", secret).update(`${id}.${unix}.${body}`).digest("base64");
      headers["X-MLflow-Signature"] = `v1,${digest}`;
    }
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#settings.timeoutMs)]);
    return post(target, { headers, body, signal });
  }
}

function keyProblem(): WireError {
  return new WireError(
    "FEATURE_DISABLED",
    "The webhook's secret cannot be read or kept: MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY of the server is another or malformed.",
  );
}

interface Posting {
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly signal: AbortSignal;
}

function post(
  { url, address, family }: Target,
  { headers, body, signal }: Posting,
): Promise<{ readonly delivered: Delivered; readonly retryAfterMs: number | null }> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === "https:" ? https().request : http.request;
    const request = send(url, {
      method: "POST",
      headers: { ...headers, "Content-Length": String(Buffer.byteLength(body)) },
      agent: false,
      signal,
      // The name was resolved and judged: another answer now must not count.
      lookup: (_, options, answer) => {
        if (options.all === true) answer(null, [{ address, family }]);
        else answer(null, address, family);
      },
    });
    request.once("error", reject);
    request.once("response", (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      const done = (): void => {
        const text = Buffer.concat(chunks).subarray(0, maxAnswerBytes).toString("utf8");
        const after = Number(response.headers["retry-after"]);
        resolve({
          delivered: { status: response.statusCode ?? 0, body: text },
          retryAfterMs: Number.isFinite(after) && after >= 0 ? after * 1000 : null,
        });
        request.destroy();
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > maxAnswerBytes) done();
      });
      response.once("end", done).once("error", reject);
    });
    request.end(body);
  });
}
