// `trimaran serve`: starts the supervisor, says where it listens, reloads on SIGHUP, and drains when it is told to stop.
import { flushCompileCache } from "node:module";
import { resolve } from "node:path";
import { inspect } from "node:util";
import { describeThrown } from "../../data/describe-thrown.ts";
import type { AdminPort } from "../../doors/web/admin/admin-port.ts";
import { openFleet } from "../../doors/web/fleet/fleet.ts";
import type { Fleet } from "../../doors/web/fleet/fleet-options.ts";
import type { CommandCall } from "../command.ts";
import { exitDone, exitInterrupted } from "../exit-code.ts";
import { fleetOptions, keptVersions, versionPolicy } from "../fleet-flags.ts";
import type { CliHost } from "../host.ts";
import { serviceOptions } from "../open-target.ts";
import { jsonServeLog, type ServeLog, textServeLog } from "../serve-log.ts";
import { isOn, numberOf, textOf } from "../settings.ts";
import { telemetrySettings } from "../telemetry-flags.ts";
import { webSettings } from "../web-flags.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host } = call;
  const { model, members, env = {}, maxModelBytes, limits, threads } = serviceOptions(call, "serve");
  const { MODEL_URI, RUN_ID } = env;
  const home = resolve(textOf(settings, "home") ?? ".trimaran");
  const policy = versionPolicy(settings);
  // The newest alone is followed in its place; several are served side by side.
  const versions = policy.kind === "latest" && policy.count === 1 ? undefined : policy;
  const load = {
    keep: keptVersions(settings),
    exposeModel: isOn(settings, "expose-model"),
    maxModelBytes,
    limits,
    threads,
    tracking: { home, requireTracking: isOn(settings, "require-tracking") || undefined },
    cache: { home },
  };
  const targets = args.map((target) => ({ target, model, members, env: { MODEL_URI, RUN_ID }, versions }));
  const options = await fleetOptions(settings, (notice) => call.messages.warn(notice));
  const telemetry = telemetrySettings(settings, host.stderr);
  const log = telemetry.format === "json" ? jsonServeLog(call) : textServeLog(call);
  // A busy port and an unfit token are told before anything is started.
  const admin = await openAdmin(call, { home, log });
  let fleet: Fleet;
  try {
    const web = { ...webSettings(settings), ...(admin === null ? {} : { adminToken: admin.token }) };
    fleet = await openFleet({ ...options, targets, web, load, telemetry, onEvent: log.event }, host.signal);
    admin?.port.serve(fleet);
  } catch (error) {
    admin?.port.close();
    if (host.signal.aborted) return stopCode(host);
    throw error;
  }
  const reload = host.onReload?.(() => {
    log.info("Reloading.");
    // What goes wrong is told by `onEvent`.
    fleet.reload().catch(() => {});
  });
  try {
    const adminPort = admin === null ? {} : { adminPort: admin.port.port };
    const line = { ...listening(fleet), ...adminPort };
    if (isOn(settings, "json")) await writeOutput(host.stdout, `${JSON.stringify(line)}\n`);
    log.listening(fleet);
    if (admin !== null) log.info(adminText(admin));
    // For the next start; Node itself would do so on its way out only, where a process that is killed never comes.
    setTimeout(() => flushCompileCache(), 2000).unref();
    await stopped(host.signal);
    admin?.port.serve(null);
    log.info("Stopping: finishing what is being answered.");
    return stopCode(host);
  } finally {
    reload?.[Symbol.dispose]();
    await fleet.close();
    admin?.port.close();
  }
}

interface Admin {
  readonly port: AdminPort;
  readonly token: string;
  readonly file: string | null;
}

/** Null: nobody asked for it. */
async function openAdmin(
  { settings, host }: CommandCall,
  { home, log }: { readonly home: string; readonly log: ServeLog },
): Promise<Admin | null> {
  const port = numberOf(settings, "admin-port");
  if (port === undefined) return null;
  const { openAdminPort } = await import("../../doors/web/admin/admin-port.ts");
  const { adminToken, tokenVariable } = await import("../../doors/web/admin/admin-token.ts");
  const { token, file } = await adminToken(home, host.env[tokenVariable]);
  const onFault = (requestId: string, error: unknown): void => {
    log.event({ kind: "fault", requestId, text: describeThrown(error), detail: inspect(error) });
  };
  return { port: await openAdminPort({ port, token, onFault }), token, file };
}

/** Where the token is, never the token. */
function adminText({ port, file }: Admin): string {
  const place = file === null ? "TRIMARAN_ADMIN_TOKEN" : file;
  return `Admin port on http://127.0.0.1:${port.port}; its token is in ${place}`;
}

function stopCode({ signal }: CliHost): number {
  return signal.reason === "SIGINT" ? exitInterrupted : exitDone;
}

function listening({ url, port, grpcPort, services, pids }: Fleet): object {
  return {
    url,
    port,
    ...(grpcPort === null ? {} : { grpcPort }),
    pid: process.pid,
    workers: pids.length,
    pids,
    services,
  };
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
