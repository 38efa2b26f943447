// `trimaran serve`: starts the supervisor, says where it listens, reloads on SIGHUP, and drains when it is told to stop.
import { flushCompileCache } from "node:module";
import { resolve } from "node:path";
import { openFleet } from "../../doors/web/fleet/fleet.ts";
import type { Fleet } from "../../doors/web/fleet/fleet-options.ts";
import type { CommandCall } from "../command.ts";
import { exitDone, exitInterrupted } from "../exit-code.ts";
import { fleetOptions } from "../fleet-flags.ts";
import type { CliHost } from "../host.ts";
import { serviceOptions } from "../open-target.ts";
import { jsonServeLog, textServeLog } from "../serve-log.ts";
import { isOn, textOf } from "../settings.ts";
import { telemetrySettings } from "../telemetry-flags.ts";
import { webSettings } from "../web-flags.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host } = call;
  const { model, members, env = {}, maxModelBytes, limits, threads } = serviceOptions(call, "serve");
  const { MODEL_URI, RUN_ID } = env;
  const load = {
    exposeModel: isOn(settings, "expose-model"),
    maxModelBytes,
    limits,
    threads,
    ...(isOn(settings, "require-tracking") ? { tracking: { requireTracking: true } } : {}),
    cache: { home: resolve(textOf(settings, "home") ?? ".trimaran") },
  };
  const targets = args.map((target) => ({ target, model, members, env: { MODEL_URI, RUN_ID } }));
  const options = await fleetOptions(settings, (notice) => call.messages.warn(notice));
  const telemetry = telemetrySettings(settings, host.stderr);
  const log = telemetry.format === "json" ? jsonServeLog(call) : textServeLog(call);
  let fleet: Fleet;
  try {
    const web = webSettings(settings);
    fleet = await openFleet({ ...options, targets, web, load, telemetry, onEvent: log.event }, host.signal);
  } catch (error) {
    if (host.signal.aborted) return stopCode(host);
    throw error;
  }
  const reload = host.onReload?.(() => {
    log.info("Reloading.");
    // What goes wrong is told by `onEvent`.
    fleet.reload().catch(() => {});
  });
  try {
    if (isOn(settings, "json")) await writeOutput(host.stdout, `${JSON.stringify(listening(fleet))}\n`);
    log.listening(fleet);
    // For the next start; Node itself would do so on its way out only, where a process that is killed never comes.
    setTimeout(() => flushCompileCache(), 2000).unref();
    await stopped(host.signal);
    log.info("Stopping: finishing what is being answered.");
    return stopCode(host);
  } finally {
    reload?.[Symbol.dispose]();
    await fleet.close();
  }
}

function stopCode({ signal }: CliHost): number {
  return signal.reason === "SIGINT" ? exitInterrupted : exitDone;
}

function listening({ url, port, grpcPort, services, pids }: Fleet): unknown {
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
