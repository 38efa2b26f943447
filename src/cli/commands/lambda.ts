// `trimaran lambda`: the function for a Kinesis stream. Inside AWS Lambda it asks the runtime API for events; anywhere else it is
// an endpoint on this machine.
import { type LocalEndpoint, openLocalEndpoint } from "../../doors/stream/kinesis/local-endpoint.ts";
import { type LambdaFunction, openLambda } from "../../doors/stream/kinesis/open-lambda.ts";
import { serveRuntime } from "../../doors/stream/kinesis/runtime-client.ts";
import { openService } from "../../serving/open-service.ts";
import { settleTarget } from "../../serving/slot/expand-target.ts";
import type { CommandCall } from "../command.ts";
import { exitDone, exitInterrupted } from "../exit-code.ts";
import { serviceOptions } from "../open-target.ts";
import { isOn, numberOf, textOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";

export async function execute(call: CommandCall): Promise<number> {
  const { args, host, messages } = call;
  const options = serviceOptions(call, "lambda");
  await using lambda = openLambda({
    env: host.env,
    open: async (location) => {
      const model = options.model ?? location ?? undefined;
      const { place } = await settleTarget({ target: args[0] ?? "", model, members: options.members });
      return openService(place, { ...options, model });
    },
    log: (line) => void host.stderr.write(`${JSON.stringify(line)}\n`),
  });
  const api = host.env["AWS_LAMBDA_RUNTIME_API"] ?? "";
  if (api !== "") await serveRuntime({ api, lambda }, host.signal);
  else await serveLocally(call, lambda);
  messages.info("Stopped.");
  return host.signal.reason === "SIGINT" ? exitInterrupted : exitDone;
}

async function serveLocally(call: CommandCall, lambda: LambdaFunction): Promise<void> {
  const { settings, host, messages } = call;
  // A model that does not open is told now, not with the first event.
  await lambda.ready();
  const endpoint = await openLocalEndpoint({
    lambda,
    host: textOf(settings, "host") ?? "127.0.0.1",
    port: numberOf(settings, "port") ?? 8080,
    timeoutMs: numberOf(settings, "timeout") ?? 60_000,
  });
  const url = urlOf(endpoint);
  if (isOn(settings, "json")) await writeOutput(host.stdout, `${JSON.stringify({ url, port: endpoint.port })}\n`);
  messages.info(`Listening at ${url}`);
  if (!host.signal.aborted) {
    await new Promise((stopped) => host.signal.addEventListener("abort", stopped, { once: true }));
  }
  await endpoint.close();
}

function urlOf({ host, port }: LocalEndpoint): string {
  const name = host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}/2015-03-31/functions/function/invocations`;
}
