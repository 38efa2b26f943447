// What the real clients do against our server, and which endpoints that reaches. `node test/e2e/mlflow-clients/client-runs.ts`
// writes called.json, from which docs/mlflow-compatibility.md takes what is done; the test holds it to the truth.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PythonPins } from "../../../scripts/python-environment.ts";
import { openTracking } from "../../../src/tracking/open-tracking.ts";
import { peers } from "../mlflow-client/environments.ts";
import { mlflow318, mlflowPeer } from "../mlflow-tracking/environments.ts";
import { runScript } from "../mlflow-tracking/mlflow-process.ts";
import { startRecordingProxy } from "./recording-proxy.ts";

export interface ClientRun {
  readonly pins: PythonPins;
  /** Beside test/e2e/mlflow-tracking/mlflow-process.ts. */
  readonly script: string;
  /** The server has accounts, and the script gets the administrator's password. @default false */
  readonly hasAccounts?: boolean;
}

const [mlflow317, mlflow222] = peers;
if (mlflow317 === undefined || mlflow222 === undefined) throw new Error("a client has no pins");

/** Its traces need an OpenTelemetry of its time. */
const tracing222: PythonPins = {
  ...mlflow222,
  name: "mlflow222-traces",
  pins: [...mlflow222.pins, "opentelemetry-api==1.33.1", "opentelemetry-sdk==1.33.1"],
};

export const clientRuns: readonly ClientRun[] = [
  ...[mlflow222, mlflow317, mlflow318].map((pins) => ({ pins, script: "walk.py" })),
  ...[mlflow317, mlflow318].map((pins) => ({ pins, script: "../mlflow-clients/traces_v3.py" })),
  ...[mlflow317, mlflow318].map((pins) => ({ pins, script: "../mlflow-clients/extras_v3.py" })),
  ...[mlflow222, mlflow317, mlflow318].map((pins) => ({ pins, script: "../mlflow-clients/more.py" })),
  { pins: mlflow318, script: "../mlflow-clients/rest.py" },
  ...[mlflow222, mlflow318].map((pins) => ({ pins, script: "../mlflow-clients/accounts.py", hasAccounts: true })),
  { pins: tracing222, script: "../mlflow-clients/traces_v2.py" },
];

const password = "administrators-own";

/** Webhooks may go to a receiver beside us, as the test's own is. */
const env = {
  ...process.env,
  MLFLOW_AUTH_ADMIN_PASSWORD: password,
  MLFLOW_WEBHOOK_ALLOWED_SCHEMES: "http,https",
  MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS: "true",
};

export interface Ran {
  readonly seen: Readonly<Record<string, unknown>>;
  readonly called: readonly string[];
  readonly failures: readonly unknown[];
}

/** Null: the client cannot be installed. */
export async function runClient({ pins, script, hasAccounts = false }: ClientRun): Promise<Ran | null> {
  const { python, skip } = await mlflowPeer(pins);
  if (skip !== false) return null;
  const folder = await mkdtemp(join(tmpdir(), "trimaran-clients-"));
  const failures: unknown[] = [];
  try {
    await using tracking = await openTracking({
      backendStoreUri: `sqlite:///${join(folder, "store.db")}`,
      artifactsDestination: join(folder, "artifacts"),
      env,
      access: hasAccounts ? { folder } : undefined,
      onFailure: (error) => failures.push(error),
    });
    const listening = await tracking.listen({ port: 0 });
    try {
      await using proxy = await startRecordingProxy(listening.url);
      const seen = await runScript(python, { folder, script, args: [proxy.url, ...(hasAccounts ? [password] : [])] });
      return { seen, called: [...proxy.called].sort(), failures };
    } finally {
      await listening.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The client's name and its script's, for people. */
export function titleOf({ pins, script }: ClientRun): string {
  return `${pins.name} ${script.replace(/^.*\//, "")}`;
}

if (import.meta.main) {
  const called = new Map<string, string[]>();
  const all = await Promise.all(clientRuns.map(async (each) => ({ title: titleOf(each), ran: await runClient(each) })));
  for (const { title, ran } of all) {
    if (ran === null) throw new Error(`${title}: the client cannot be installed; nothing was written`);
    for (const name of ran.called) called.set(name, [...(called.get(name) ?? []), title]);
  }
  const sorted = Object.fromEntries([...called].sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(new URL("called.json", import.meta.url), `${JSON.stringify(sorted, null, 2)}\n`);
}
