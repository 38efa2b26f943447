// `check --show-config`: every setting that `serve` would work with, and who says so.
import { resolveModelUri } from "../deployment/resolve-model-uri.ts";
import type { OpenedDefinition } from "../deployment/resolved-deployment.ts";
import type { CommandCall } from "./command.ts";
import { showFlagValue } from "./flag.ts";
import { fleetFlags } from "./fleet-flags.ts";
import { serviceOptions } from "./open-target.ts";
import { resolveSettings, withSection } from "./settings.ts";
import { telemetryFlags } from "./telemetry-flags.ts";
import { webFlags } from "./web-flags.ts";

export interface ShownSetting {
  readonly name: string;
  readonly value: string;
  /** `TRIMARAN_PORT`, `web.port`, `default`; for the model `--model`, `MODEL_URI`, `RUN_ID` or `definition`. */
  readonly source: string;
}

export function shownSettings(call: CommandCall, opened: OpenedDefinition): readonly ShownSetting[] {
  const { settings, host } = call;
  const { definition, file } = opened;
  const flag = serviceOptions(call, "check").model;
  const { line, source } = resolveModelUri(definition, { flag, env: host.env, file });
  const value = line.kind === "single" ? line.uri : Object.values(line.uris).join(", ");
  const modelSource = source === "--model" ? (settings.get("model")?.source ?? source) : source;
  const own = resolveSettings({
    command: "serve",
    flags: [...webFlags, ...fleetFlags, ...telemetryFlags],
    given: new Map(),
    env: host.env,
  });
  const web = withSection(withSection(own, "web", { ...definition.web }), "feedback", { ...definition.feedback });
  const shared = [...settings.values()].filter(
    ({ flag }) => flag.name === "max-model-bytes" || flag.name === "log-level",
  );
  return [
    { name: "model", value, source: modelSource },
    ...[...web.values(), ...shared].flatMap(({ flag, value: set, source }) =>
      set === undefined ? [] : [{ name: flag.name, value: showFlagValue(flag, set), source }],
    ),
  ];
}
