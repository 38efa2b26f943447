// `trimaran serve`: starts the supervisor, says where it listens, reloads on SIGHUP, and drains when it is told to stop.
import { isTrimaranError } from "../../base/errors.ts";
import { type Fleet, openFleet } from "../../doors/web/fleet/fleet.ts";
import type { FleetEvent } from "../../doors/web/fleet/fleet-options.ts";
import { urlOf } from "../../doors/web/url-of.ts";
import type { CommandCall } from "../command.ts";
import { exitDone, exitInterrupted } from "../exit-code.ts";
import { fleetOptions } from "../fleet-flags.ts";
import type { CliHost } from "../host.ts";
import { onOneLine } from "../messages.ts";
import { serviceOptions } from "../open-target.ts";
import { isOn, type Settings } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host, messages } = call;
  const { model, members, env = {}, maxModelBytes, threads } = serviceOptions(call, "serve");
  const { MODEL_URI, RUN_ID } = env;
  const load = { maxModelBytes, threads };
  const targets = args.map((target) => ({ target, model, members, env: { MODEL_URI, RUN_ID } }));
  const options = await fleetOptions(settings);
  let fleet: Fleet;
  try {
    const onEvent = (event: FleetEvent): void => say(call, event);
    fleet = await openFleet({ ...options, targets, web: given(settings), load, onEvent }, host.signal);
  } catch (error) {
    if (host.signal.aborted) return stopCode(host);
    throw error;
  }
  const reload = host.onReload?.(() => {
    messages.info("Reloading.");
    // What goes wrong is told by `onEvent`.
    fleet.reload().catch(() => {});
  });
  try {
    if (isOn(settings, "json")) await writeOutput(host.stdout, `${JSON.stringify(listening(fleet))}\n`);
    announce(call, fleet);
    await stopped(host.signal);
    messages.info("Stopping: finishing what is being answered.");
    return stopCode(host);
  } finally {
    reload?.[Symbol.dispose]();
    await fleet.close();
  }
}

function stopCode({ signal }: CliHost): number {
  return signal.reason === "SIGINT" ? exitInterrupted : exitDone;
}

/** What flags and environment say; the door itself knows the definition's section and the defaults. */
function given(settings: Settings): Readonly<Record<string, unknown>> {
  const names = {
    host: "host",
    port: "port",
    "body-limit": "bodyLimit",
    "max-rows": "maxRows",
    "request-timeout": "requestTimeoutMs",
  };
  const entries = Object.entries(names).flatMap(([flag, option]) => {
    const setting = settings.get(flag);
    return setting === undefined || setting.source === "default" ? [] : [[option, setting.value]];
  });
  return Object.fromEntries(entries);
}

function listening({ host, port, services, pids }: Fleet): unknown {
  return { url: urlOf({ host }, port), port, pid: process.pid, workers: pids.length, pids, services };
}

function announce({ messages }: CommandCall, { host, port, services, sample, pids }: Fleet): void {
  for (const { name, model, version, digest } of services) {
    const shown = version === null ? digest.slice(0, 19) : `version ${version}`;
    messages.info(`${messages.style("bold", name)}: ${onOneLine(model)} (${shown})`);
  }
  if (pids.length > 1) messages.info(`${pids.length} workers: ${pids.join(", ")}`);
  messages.info(`Listening on ${urlOf({ host }, port)}`);
  if (!isLoopback(host)) {
    messages.warn(
      `${host} is not only this machine: whoever reaches it may ask for predictions. Put a proxy with TLS and authentication in front.`,
    );
  }
  if (sample === null) return;
  const line = `curl -X POST http://localhost:${port}/predict -H "Content-Type: application/json" -d ${shellQuoted(sample.body)}`;
  messages.info(`\nTry it:\n  ${line}\nIt answers:\n  ${sample.answer}\n`);
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function say({ messages }: CommandCall, event: FleetEvent): void {
  switch (event.kind) {
    case "worker":
      if (event.level === "warn") messages.warn(event.text);
      else messages.info(event.text);
      break;
    case "changed":
      messages.info(event.text);
      break;
    case "fault": {
      const text = messages.level === "debug" ? event.detail : onOneLine(event.text);
      messages.say(`${messages.style("red", "error:")} request ${event.requestId} failed: ${text}`);
      break;
    }
    case "refused": {
      const { what, error } = event;
      const text = error instanceof Error ? error.message : String(error);
      messages.say(`${messages.style("red", "error:")} ${what}: ${onOneLine(text)} What served goes on.`);
      if (!isTrimaranError(error)) break;
      for (const { path, message } of error.issues) messages.say(`  ${onOneLine(path)}: ${onOneLine(message)}`);
      break;
    }
    default:
      event satisfies never;
  }
}
