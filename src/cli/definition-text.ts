// A planned definition as deployment.ts or deployment.yaml. Names come from the model file: they are quoted, and remarks stay on
// one line, so that nothing in them becomes code.
import { jsonValueText } from "../data/json-value-text.ts";
import type { DefinitionPlan, PlannedField, PlannedInput } from "./definition-plan.ts";
import { onOneLine } from "./messages.ts";

/** What the model answers for the sample row; undefined where it gives none that JSON can hold. */
export interface RecordedExample {
  readonly output: unknown;
}

export function definitionAsTypeScript(plan: DefinitionPlan, example: RecordedExample): string {
  const builders = new Set([
    "defineDeployment",
    ...[...plan.inputs.map(({ field }) => field), plan.output].flatMap(kindsOf),
  ]);
  const isPlain = plan.method === "predict";
  const lines = [
    `import { ${[...builders].sort().join(", ")} } from "trimaran";`,
    "",
    "export default defineDeployment({",
    `  name: ${quoted(plan.name)},`,
    `  model: ${quoted(plan.model)},`,
    "  // What a row is. These are the model's own features; give them the names, bounds and units of your callers.",
    "  input: {",
    ...plan.inputs.flatMap((input) => [
      ...remarksOf(input, "    // "),
      `    ${key(input.name)}: ${builderText(input.field)},`,
    ]),
    "  },",
    ...(plan.renames
      ? [
          "  // How a row becomes what the model takes.",
          "  features: (row) => ({",
          ...plan.inputs.map(({ name, feature }) => `    ${key(feature)}: row${member(name)},`),
          "  }),",
        ]
      : ["  // Without `features` the input goes into the model under the same names."]),
    ...(isPlain ? [] : [`  methods: [${quoted(plan.method)}],`]),
    `  output: { ${key(plan.outputName)}: ${builderText(plan.output)} },`,
    ...(isPlain ? [] : [`  postprocess: (raw) => ({ ${key(plan.outputName)}: raw.${plan.method} }),`]),
    "  // Run by `trimaran check` and whenever the model is loaded.",
    "  examples: [",
    "    {",
    `      input: { ${plan.inputs.map(({ name, sample }) => `${key(name)}: ${literal(sample)}`).join(", ")} },`,
    ...(example.output === undefined
      ? []
      : [`      output: { ${key(plan.outputName)}: ${jsonValueText(example.output)} },`]),
    "    },",
    "  ],",
    "});",
  ];
  return `${lines.join("\n")}\n`;
}

/** The plan's method must be `predict`: YAML has no `postprocess`. */
export function definitionAsYaml(plan: DefinitionPlan, example: RecordedExample): string {
  const lines = [
    `name: ${quoted(plan.name)}`,
    `model: ${quoted(plan.model)}`,
    "# What a row is. These are the model's own features; give them the names, bounds and units of your callers.",
    "input:",
    ...plan.inputs.flatMap((input) => [
      ...remarksOf(input, "  # "),
      `  ${quoted(input.name)}: ${yamlField(input.field)}`,
    ]),
    ...(plan.renames
      ? [
          "# How a row becomes what the model takes.",
          "features:",
          ...plan.inputs.map(({ name, feature }) => `  ${quoted(feature)}: ${quoted(name)}`),
        ]
      : ["# Without `features` the input goes into the model under the same names."]),
    "output:",
    `  ${quoted(plan.outputName)}: ${yamlField(plan.output)}`,
    "# Run by `trimaran check` and whenever the model is loaded.",
    "examples:",
    `  - input: { ${plan.inputs.map(({ name, sample }) => `${quoted(name)}: ${literal(sample)}`).join(", ")} }`,
    ...(example.output === undefined
      ? []
      : [`    output: { ${quoted(plan.outputName)}: ${jsonValueText(example.output)} }`]),
  ];
  return `${lines.join("\n")}\n`;
}

function remarksOf({ remarks }: PlannedInput, mark: string): string[] {
  return remarks.map((remark) => `${mark}${onOneLine(remark)}`);
}

function kindsOf({ kind, of }: PlannedField): string[] {
  return of === undefined ? [kind] : [kind, of];
}

function builderText({ kind, values, of, nullable }: PlannedField): string {
  const options = values === undefined ? (of === undefined ? "" : `${of}()`) : `[${values.map(literal).join(", ")}]`;
  return `${kind}(${options})${nullable === true ? ".nullable()" : ""}`;
}

function yamlField({ kind, values, of, nullable }: PlannedField): string {
  const options = [
    `type: ${kind}`,
    ...(values === undefined ? [] : [`values: [${values.map(literal).join(", ")}]`]),
    ...(of === undefined ? [] : [`of: ${of}`]),
    ...(nullable === true ? ["nullable: true"] : []),
  ];
  return `{ ${options.join(", ")} }`;
}

function literal(value: string | number | boolean): string {
  return typeof value === "string" ? quoted(value) : String(value);
}

/** A string of TypeScript and of YAML alike: a JSON string whose every other character is printable ASCII. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) =>
    /[\p{L}\p{N}]/u.test(unit) ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function key(name: string): string {
  return /^(?:[A-Za-z_]\w*|0|[1-9]\d{0,8})$/.test(name) && name !== "__proto__" ? name : quoted(name);
}

function member(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${quoted(name)}]`;
}
