// The report of `inspect` for people.
import { counted } from "./counted.ts";
import { onOneLine } from "./messages.ts";
import type { FeatureReport, InputReport, ModelReport } from "./model-report.ts";

const maxListed = 20;

export function modelReportText(report: ModelReport): string {
  const lines = [
    `${onOneLine(report.name)}: ${report.format ?? "unknown format"}${report.protocol === null ? "" : `, protocol ${report.protocol}`}`,
    ...factLines(report),
    ...section(
      "members",
      report.members.map(({ name, holds, isModel }) => `${name}: ${holds}${isModel ? "" : " (no model)"}`),
    ),
    ...signatureLines(report.mlflow),
    ...inputLines(report.input),
    ...section(
      "methods",
      report.methods.map(({ name, answers, isDefault }) => `${name}: ${answers}${isDefault ? " (default)" : ""}`),
    ),
    ...section("operations", report.operations),
    ...section("notes", report.notes),
    ...findingLines(report),
  ];
  return `${lines.join("\n")}\n`;
}

function factLines(report: ModelReport): string[] {
  const versions = Object.entries(report.versions).map(([library, each]) => `${library} ${each.join(", ")}`);
  const { mlflow } = report;
  const facts: readonly (readonly [string, string | null])[] = [
    ["size", report.bytes === null ? null : `${counted(report.bytes)} bytes`],
    ["digest", report.digest],
    ["written by", versions.length === 0 ? null : versions.join("; ")],
    [
      "mlflow",
      mlflow === null ? null : `${mlflow.version ?? "unknown version"}, flavours ${mlflow.flavors.join(", ")}`,
    ],
    ["run", mlflow?.runId ?? null],
    ["classes", report.classes.length === 0 ? null : report.classes.join(", ")],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(11)}${onOneLine(value)}`]));
}

/** What MLflow was told; what the model itself takes stands under `inputs`. */
function signatureLines(mlflow: ModelReport["mlflow"]): string[] {
  if (mlflow === null) return [];
  const { inputs, outputs, params } = mlflow.signature ?? { inputs: [], outputs: [], params: [] };
  const { length } = mlflow.example;
  const example =
    length === 0 ? [] : [`${length === 1 ? "1 row" : `${length} rows`}: ${JSON.stringify(mlflow.example[0])}`];
  return [
    ...section("signature inputs", inputs),
    ...section("signature outputs", outputs),
    ...section("signature parameters", params),
    ...section("input example", example),
  ];
}

function inputLines(input: InputReport | null): string[] {
  if (input === null) return [];
  if (input.kind === "records") {
    if (input.items === "strings") return section("inputs", ["a row is an array of strings"]);
    if (input.items === "pairs") return section("inputs", ["a row is an array of [name, value] pairs"]);
    return section(
      "inputs (an object a row)",
      input.features.map((feature) => `${feature.name}: ${featureText(feature)}`),
    );
  }
  if (input.anyWidth === true) return section("inputs", ["a row is an array of numbers, as long as the first"]);
  const columns = input.columns.map(({ name, type, nullable }) => `${name}: ${type}${nullable ? " or null" : ""}`);
  return section(`inputs (${input.named ? "an object or an array" : "an array"} a row)`, columns);
}

function featureText({ numeric, categories }: FeatureReport): string {
  if (categories.count === 0) return "number";
  const shown = categories.first.map((value) => JSON.stringify(value)).join(", ");
  const more = categories.count > categories.first.length ? ", …" : "";
  return `${numeric ? "number or category" : "category"}, ${counted(categories.count)} known: ${shown}${more}`;
}

function section(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length > maxListed ? [`  … and ${items.length - maxListed} more; \`--json\` gives them all`] : [];
  return [title, ...items.slice(0, maxListed).map((item) => `  ${onOneLine(item)}`), ...more];
}

/** All of them: this is what the command is for. */
function findingLines({ findings, ok }: ModelReport): string[] {
  if (findings.length === 0) return ok ? ["findings: none"] : [];
  return ["findings", ...findings.map((finding) => `  ${findingLabel(finding)}: ${onOneLine(finding.what)}`)];
}

/** A class that is not known is no attack. */
function findingLabel({ severity }: ModelReport["findings"][number]): string {
  return severity === "unsupported" ? "not supported" : severity;
}
