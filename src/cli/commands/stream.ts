// `trimaran stream`: reads its settings, says what the stream says, and ends as it is told to stop.

import { resolve } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import { describeThrown } from "../../data/describe-thrown.ts";
import type { StreamSection } from "../../deployment/sections.ts";
import type { EngineSettings } from "../../doors/stream/open-engine.ts";
import type { Delivery } from "../../doors/stream/port.ts";
import { runReplay } from "../../doors/stream/replay/run-replay.ts";
import { runStream, type StreamOptions, type StreamTold } from "../../doors/stream/run-stream.ts";
import { readStreamPlace } from "../../doors/stream/stream-place.ts";
import type { CommandCall } from "../command.ts";
import { counted } from "../counted.ts";
import { exitDone, exitInterrupted } from "../exit-code.ts";
import { openWatcher } from "../fleet-flags.ts";
import { onOneLine } from "../messages.ts";
import { serviceOptions } from "../open-target.ts";
import { isOn, numberOf, type Settings, textOf } from "../settings.ts";
import { isClosed, OutputClosed, writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host, messages } = call;
  if (args[0] === "replay") return replay(call);
  const report = await runStream(await streamOptions(call), host.signal).catch((error: unknown) => {
    // Told to stop it ends as told; what went wrong on the way is said all the same.
    if (host.signal.aborted) messages.warn(onOneLine(describeThrown(error)));
    // `… | head` has seen enough.
    throw isClosed(error) ? new OutputClosed("", { cause: error }) : error;
  });
  const text = `${recordsText(report.records - report.poison)} answered, ${report.poison} set aside.`;
  if (isOn(settings, "json")) messages.say(JSON.stringify({ done: report }));
  else messages.info(text);
  return host.signal.reason === "SIGINT" ? exitInterrupted : exitDone;
}

/** @throws STREAM_URL, USAGE_INVALID */
export function engineSettings({ settings, host }: CommandCall): EngineSettings {
  return {
    home: resolve(textOf(settings, "home") ?? ".trimaran"),
    delivery: (textOf(settings, "delivery") ?? "exactly-once") as Delivery,
    batchSize: numberOf(settings, "batch-size") ?? 10_000,
    maxMessageBytes: numberOf(settings, "max-message-bytes") ?? 1_048_576,
    untilEnd: isOn(settings, "until-end"),
    reset: isOn(settings, "reset"),
    kafka: kafkaSettings({ settings, host }),
    streams: { stdin: host.stdin, stdout: host.stdout },
  };
}

/** Sends dead letters back. @throws USAGE_INVALID, STREAM_REPLAY */
async function replay(call: CommandCall): Promise<number> {
  const { settings, host, messages } = call;
  const [given, back] = [textOf(settings, "from"), settings.get("to")];
  if (given === null || given === "-") throw wrongUse("`stream replay` needs --from: the dead letters.");
  const from = readStreamPlace(given, "read from");
  // Its default is stdout.
  const isGiven = back !== undefined && back.source !== "default";
  if (!isGiven && from.kind !== "kafka")
    throw wrongUse("`stream replay` from a file needs --to: the file that the stream reads.");
  const to = isGiven ? readStreamPlace(String(back.value), "write to") : null;
  const group = textOf(settings, "group") ?? "trimaran-replay";
  const options = { from, to, group, note: (text: string) => messages.warn(onOneLine(text)) };
  const sent = await runReplay(options, { ...engineSettings(call), untilEnd: true }, host.signal);
  if (isOn(settings, "json")) await writeOutput(host.stdout, `${JSON.stringify({ sent })}\n`);
  else messages.info(`${recordsText(sent)} sent back.`);
  return host.signal.aborted ? exitInterrupted : exitDone;
}

function recordsText(count: number): string {
  return `${counted(count)} record${count === 1 ? "" : "s"}`;
}

function wrongUse(problem: string): Error {
  return trimaranError("USAGE_INVALID", { problem, command: "stream" });
}

async function streamOptions(call: CommandCall): Promise<StreamOptions> {
  const { args, settings, host, messages } = call;
  const { model, members, env = {}, maxModelBytes, limits, threads } = serviceOptions(call, "stream");
  const { MODEL_URI, RUN_ID } = env;
  const engine = engineSettings(call);
  const { home } = engine;
  const deadLetter = textOf(settings, "dead-letter");
  const truth = textOf(settings, "truth");
  const port = numberOf(settings, "metrics-port");
  const logged = settings.get("prediction-log");
  return {
    request: { target: args[0] ?? "", model, members, env: { MODEL_URI, RUN_ID } },
    load: {
      maxModelBytes,
      limits,
      threads,
      tracking: { env: host.env, home, requireTracking: isOn(settings, "require-tracking") || undefined },
      cache: { home },
    },
    section: messageSection(settings),
    from: readStreamPlace(textOf(settings, "from") ?? "-", "read from"),
    to: readStreamPlace(textOf(settings, "to") ?? "-", "write to"),
    deadLetter: deadLetter === null ? null : readStreamPlace(deadLetter, "write to"),
    truth: truth === null ? null : readStreamPlace(truth, "read from"),
    group: textOf(settings, "group"),
    engine,
    maxPoisonRate: shareOf(textOf(settings, "max-poison-rate")),
    metrics: port === undefined ? null : { host: textOf(settings, "metrics-host") ?? "127.0.0.1", port },
    logPredictions: logged === undefined || logged.source === "default" ? undefined : logged.value === true,
    watcher: isOn(settings, "pin") ? undefined : await openWatcher(settings, (notice) => messages.warn(notice)),
    drainMs: numberOf(settings, "drain-timeout") ?? 30_000,
    env: host.env,
    tell: told(call),
  };
}

function kafkaSettings({ settings, host }: Pick<CommandCall, "settings" | "host">): EngineSettings["kafka"] {
  return {
    client: textOf(settings, "kafka-client") as "confluent" | "kafkajs" | null,
    configFile: textOf(settings, "kafka-config"),
    commitIntervalMs: numberOf(settings, "commit-interval") ?? 20,
    sessionTimeoutMs: numberOf(settings, "session-timeout") ?? 10_000,
    instanceId: textOf(settings, "instance-id"),
    groupProtocol: textOf(settings, "group-protocol") === "consumer" ? "consumer" : "classic",
    env: host.env,
  };
}

function messageSection(settings: Settings): Partial<StreamSection> {
  const [format, outputFormat, schemaRegistry] = ["format", "output-format", "schema-registry"].map((name) =>
    textOf(settings, name),
  );
  return {
    ...(format == null ? {} : { format }),
    ...(outputFormat == null ? {} : { outputFormat }),
    ...(schemaRegistry == null ? {} : { schemaRegistry }),
  };
}

/** `0.05` or `5%`. @throws USAGE_INVALID */
function shareOf(text: string | null): number | null {
  if (text === null) return null;
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? [];
  const share = Number(digits) / (percent === "%" ? 100 : 1);
  if (share >= 0 && share <= 1) return share;
  const problem = "--max-poison-rate must be a share such as 0.05 or 5%.";
  throw trimaranError("USAGE_INVALID", { problem, command: "stream" });
}

function told({ settings, messages }: CommandCall): StreamTold {
  const json = isOn(settings, "json");
  return {
    note: (text) => messages.info(onOneLine(text)),
    warn: (text) => messages.warn(onOneLine(text)),
    started: (facts) => {
      if (json) {
        messages.say(JSON.stringify({ started: facts }));
        return;
      }
      const { name, model, version, group, delivery, metricsPort } = facts;
      messages.info(`${name}: ${onOneLine(model)}${version === null ? "" : ` (version ${version})`}`);
      messages.info(`Reading as group ${onOneLine(group)}, ${delivery}.`);
      if (metricsPort !== null) messages.info(`Metrics on port ${metricsPort}.`);
    },
  };
}
