// `trimaran tracking`: opens the store, says where it listens, and finishes what it is answering when it is told to stop.
import { join } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { permissionOf } from "../../tracking/access/permission.ts";
import { type AccessOptions, openTracking, type Tracking } from "../../tracking/open-tracking.ts";
import type { CommandCall } from "../command.ts";
import { exitDone, exitInterrupted } from "../exit-code.ts";
import { onOneLine } from "../messages.ts";
import { isOn, textOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { settings, messages } = call;
  const home = textOf(settings, "home") ?? ".trimaran";
  const servesArtifacts = isOn(settings, "serve-artifacts") && !isOn(settings, "no-serve-artifacts");
  const isArtifactsOnly = isOn(settings, "artifacts-only");
  if (isArtifactsOnly && !servesArtifacts) {
    const problem = "--artifacts-only and --no-serve-artifacts exclude one another.";
    throw trimaranError("USAGE_INVALID", { problem, command: "tracking" });
  }
  const destination = textOf(settings, "artifacts-destination") ?? join(home, "artifacts");
  const maxArtifactBytes = settings.get("max-artifact-bytes")?.value;
  await using tracking = await openTracking({
    backendStoreUri: textOf(settings, "backend-store-uri") ?? `sqlite:///${join(home, "tracking.db")}`,
    artifactsDestination: destination,
    defaultArtifactRoot:
      textOf(settings, "default-artifact-root") ?? (servesArtifacts ? "mlflow-artifacts:/" : destination),
    servesArtifacts,
    isArtifactsOnly,
    env: call.host.env,
    ...(typeof maxArtifactBytes === "number" ? { maxArtifactBytes } : {}),
    onNotice: (notice) => messages.info(onOneLine(notice)),
    ...(isOn(settings, "auth") || textOf(settings, "app-name") === "basic-auth"
      ? { access: accessOptions(call, home) }
      : {}),
    onFailure: (error) => messages.warn(onOneLine(failureText(error, messages.level === "debug"))),
  });
  if (tracking.notice !== null) messages.warn(tracking.notice);
  if (tracking.accountsNotice !== null) messages.info(tracking.accountsNotice);
  return await answerUntilStopped(call, tracking);
}

function accessOptions({ settings }: CommandCall, folder: string): AccessOptions {
  const defaultPermission = permissionOf(textOf(settings, "auth-default-permission") ?? "READ");
  return { folder, defaultPermission, file: textOf(settings, "auth-database") ?? undefined };
}

async function answerUntilStopped({ settings, host, messages }: CommandCall, tracking: Tracking): Promise<number> {
  const address = textOf(settings, "host") ?? "127.0.0.1";
  const port = Number(settings.get("port")?.value ?? 5000);
  const listening = await tracking.listen({
    host: address,
    port,
    allowedHosts: namesOf(settings.get("allowed-hosts")?.value),
    allowedOrigins: namesOf(settings.get("cors-allowed-origins")?.value),
  });
  try {
    const { url } = listening;
    if (isOn(settings, "json")) {
      await writeOutput(
        host.stdout,
        `${JSON.stringify({ url, port: listening.port, store: tracking.name, pid: process.pid })}\n`,
      );
    }
    messages.info(`Store: ${tracking.name}`);
    messages.info(`Listening on ${url}`);
    await stopped(host.signal);
    messages.info("Stopping: finishing what is being answered.");
    return host.signal.reason === "SIGINT" ? exitInterrupted : exitDone;
  } finally {
    await listening.close();
  }
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

function failureText(error: unknown, hasStack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return hasStack ? (error.stack ?? error.message) : `${error.message}${cause}`;
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
