// What `serve` says on stderr: sentences for people, or a line of JSON each for machines.
import { isTrimaranError } from "../base/errors.ts";
import type { Fleet, FleetEvent } from "../doors/web/fleet/fleet-options.ts";
import type { Log, LogFields, LogLevel } from "../io/log/log.ts";
import { directStream } from "../io/log/log-stream.ts";
import { openLog } from "../io/log/open-log.ts";
import type { CommandCall } from "./command.ts";
import { onOneLine, openMessages } from "./messages.ts";

export interface ServeLog {
  listening(fleet: Fleet): void;
  event(event: FleetEvent): void;
  info(text: string): void;
}

export function textServeLog({ host: { stderr, env }, messages: first }: CommandCall): ServeLog {
  let messages = first;
  const error = (text: string): void => messages.say(`${messages.style("red", "error:")} ${text}`);
  return {
    info: (text) => messages.info(text),
    listening: ({ url, host, grpcPort, services, sample, pids }) => {
      for (const { name, model, version, digest } of services) {
        const shown = version === null ? digest.slice(0, 19) : `version ${version}`;
        messages.info(`${messages.style("bold", name)}: ${onOneLine(model)} (${shown})`);
      }
      if (pids.length > 1) messages.info(`${pids.length} workers: ${pids.join(", ")}`);
      messages.info(`Listening on ${url}`);
      if (grpcPort !== null) messages.info(`gRPC on ${host.includes(":") ? `[${host}]` : host}:${grpcPort}`);
      if (!isLoopback(host)) messages.warn(openText(host));
      if (sample === null) return;
      const line = `curl -X POST ${url.replace("127.0.0.1", "localhost")}/predict -H "Content-Type: application/json" -d ${shellQuoted(sample.body)}`;
      messages.info(`\nTry it:\n  ${line}\nIt answers:\n  ${sample.answer}\n`);
    },
    event: (event) => {
      switch (event.kind) {
        case "worker":
          if (event.level === "warn") messages.warn(event.text);
          else messages.info(event.text);
          break;
        case "changed":
          messages.info(event.text);
          break;
        case "log-level":
          messages = openMessages({ stderr, env }, event.level);
          messages.say(levelText(event.level));
          break;
        case "fault":
          error(
            `request ${event.requestId} failed: ${messages.level === "debug" ? event.detail : onOneLine(event.text)}`,
          );
          break;
        case "refused": {
          const { what, error: cause } = event;
          const text = cause instanceof Error ? cause.message : String(cause);
          error(`${what}: ${onOneLine(text)} What served goes on.`);
          if (!isTrimaranError(cause)) break;
          for (const { path, message } of cause.issues) messages.say(`  ${onOneLine(path)}: ${onOneLine(message)}`);
          break;
        }
        default:
          event satisfies never;
      }
    },
  };
}

/** Loads pino while the models are read; what is said before that waits for it. */
export function jsonServeLog({ host, messages }: CommandCall): ServeLog {
  const { stderr } = host;
  const stream = directStream((line) => void (stderr.destroyed || stderr.write(line)));
  let { level } = messages;
  const opened: Promise<Log> = openLog({ format: "json", level, stream });
  const write = (at: LogLevel, text: string, fields: LogFields = {}): void => {
    void opened.then((log) => log.write(at, text, fields));
  };
  return {
    info: (text) => write("info", text),
    listening: ({ url, host: address, port, grpcPort, services, pids }) => {
      const served = services.map(({ name, model, version, digest }) => ({ name, model, version, digest }));
      const count = pids.length === 1 ? "1 worker" : `${pids.length} workers`;
      write("info", `Listening on ${url} with ${count}.`, { url, port, grpcPort, workers: pids, services: served });
      if (!isLoopback(address)) write("warn", openText(address));
    },
    event: (event) => {
      switch (event.kind) {
        case "worker":
          write(event.level, event.text);
          break;
        case "changed":
          write("info", event.text);
          break;
        case "log-level":
          ({ level } = event);
          void opened.then((log) => {
            log.level = event.level;
            log.write(event.level, levelText(event.level));
          });
          break;
        case "fault": {
          const { requestId, text, detail } = event;
          const more = level === "debug" ? { detail } : {};
          write("error", "A request failed.", { request_id: requestId, problem: text, ...more });
          break;
        }
        case "refused": {
          const { what, error } = event;
          const { code, issues } = isTrimaranError(error) ? error : { code: undefined, issues: undefined };
          const problem = error instanceof Error ? error.message : String(error);
          write("error", "What was to be served is refused; what served goes on.", { what, problem, code, issues });
          break;
        }
        default:
          event satisfies never;
      }
    },
  };
}

function levelText(level: LogLevel): string {
  return `From now on ${level} and above is logged.`;
}

function openText(host: string): string {
  return `${host} is not only this machine: whoever reaches it may ask for predictions. Put a proxy with TLS and authentication in front.`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\./.test(host);
}
