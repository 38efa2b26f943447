// `trimaran serve`: opens the targets, listens, says so, and drains when it is told to stop.
import { inspect } from "node:util";
import { openWebService, type WebService } from "../../doors/web/open-web-service.ts";
import type { Fault } from "../../doors/web/web-options.ts";
import { fixedCatalog } from "../../serving/catalog.ts";
import { openService } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { CommandCall } from "../command.ts";
import { exitDone, exitInterrupted } from "../exit-code.ts";
import { firstRequest } from "../first-request.ts";
import type { CliHost } from "../host.ts";
import { onOneLine } from "../messages.ts";
import { serviceOptions } from "../open-target.ts";
import { isOn, type Settings, textOf, withSection } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, settings, host, messages } = call;
  const services: PredictionService[] = [];
  let web: WebService | null = null;
  try {
    for (const target of args) services.push(await openService(target, serviceOptions(call, "serve")));
    if (host.signal.aborted) return stopCode(host);
    const onFault = ({ requestId, error }: Fault): void => {
      messages.say(
        `${messages.style("red", "error:")} request ${requestId} failed: ${faultText(error, messages.level)}`,
      );
    };
    web = await openWebService({ catalog: fixedCatalog(services), ...given(settings), onFault });
    if (isOn(settings, "json")) await writeOutput(host.stdout, `${JSON.stringify(listening(web, services))}\n`);
    await announce(call, { web, services });
    await stopped(host.signal);
    messages.info("Stopping: finishing what is being answered.");
    await web.close();
    return stopCode(host);
  } finally {
    await web?.close();
    for (const service of services) await service.close();
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

function listening(web: WebService, services: readonly PredictionService[]): unknown {
  const { url, port } = web;
  return {
    url,
    port,
    services: services.map(({ name, model }) => ({
      name,
      model: model.uri,
      version: model.version,
      digest: model.digest,
    })),
  };
}

async function announce(
  call: CommandCall,
  on: { readonly web: WebService; readonly services: readonly PredictionService[] },
): Promise<void> {
  const { messages } = call;
  for (const { name, model } of on.services) {
    const version = model.version === null ? model.digest.slice(0, 19) : `version ${model.version}`;
    messages.info(`${messages.style("bold", name)}: ${onOneLine(model.uri)} (${version})`);
  }
  messages.info(`Listening on ${on.web.url}`);
  const [first] = on.services;
  const host = textOf(withSection(call.settings, "web", { ...first?.deployment?.web }), "host") ?? "";
  if (!isLoopback(host)) {
    messages.warn(
      `${host} is not only this machine: whoever reaches it may ask for predictions. Put a proxy with TLS and authentication in front.`,
    );
  }
  const request = first === undefined ? null : await firstRequest(first, on.web.port);
  if (request !== null) messages.info(`\nTry it:\n  ${request.line}\nIt answers:\n  ${request.answer}\n`);
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

function faultText(error: unknown, level: string): string {
  if (level === "debug") return inspect(error);
  return error instanceof Error
    ? onOneLine(`${error.name}: ${error.message}`)
    : "something that is no error was thrown";
}
