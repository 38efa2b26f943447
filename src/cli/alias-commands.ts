// The commands that move an alias of a registry, as data; the table of commands holds them.
import { aliasFlag, whyFlag } from "./alias-flags.ts";
import type { Command } from "./command.ts";
import { homeFlag, maxModelBytesFlag } from "./common-flags.ts";
import { limitFlag } from "./limit-flag.ts";

const registered = { name: "NAME", says: "the name of the registered model", many: false };

export const aliasCommands: readonly Command[] = [
  {
    name: "promote",
    says: "move an alias of a registered model to a version",
    about: [
      "Services that were given models:/NAME@ALIAS take the version over by themselves, within their --poll-interval. With --deployment the definition is checked against the version first; one that does not fit, or that the registry does not call ready, is refused unless --force is given.",
      "Who, when, why and the version before are noted as tags of the model version: trimaran.promotion.ALIAS.by, .at, .why and .from; `rollback` reads them. An alias that points there already is left as it is.",
      "The registry is the one that MLFLOW_TRACKING_URI names: a server, or a store in a file or folder; without it the embedded store below --home.",
    ],
    argument: registered,
    second: { name: "VERSION", says: "the number of the version" },
    flags: [
      aliasFlag,
      {
        name: "deployment",
        value: "FILE",
        type: "text",
        says: "the definition (or its folder) that the version must fit",
      },
      whyFlag,
      { name: "force", type: "switch", says: "promote it whatever the check says; the issues are told all the same" },
      homeFlag,
      maxModelBytesFlag,
      limitFlag,
    ],
    examples: [
      {
        says: "Version 3 becomes the champion, if it fits",
        line: 'trimaran promote ride-duration 3 --deployment examples/ride-duration --why "rmse 5.1, was 5.4"',
      },
      { says: "Another alias, for a script", line: "trimaran promote ride-duration 4 --alias challenger --json" },
    ],
    load: () => import("./commands/promote.ts"),
  },
  {
    name: "rollback",
    says: "move an alias back to the version before the last promotion",
    about: [
      "Reads the record that `promote` left on the version that the alias points to, and notes the rollback on it: trimaran.rollback.ALIAS.by, .at, .why and .to. A record is used once. Without one nothing is moved: name the version with `trimaran promote`.",
    ],
    argument: registered,
    flags: [aliasFlag, whyFlag, homeFlag],
    examples: [
      {
        says: "Back to the champion before this one",
        line: 'trimaran rollback ride-duration --why "errors since noon"',
      },
      { says: "Another alias, for a script", line: "trimaran rollback ride-duration --alias challenger --json" },
    ],
    load: () => import("./commands/rollback.ts"),
  },
];
