// The page's form: one control a field, with label, unit, range and description; what has no names is one area of JSON text.
import { describeExpected } from "../../../data/field-reader.ts";
import type { CategorySpec, FieldSpec } from "../../../data/field-spec.ts";
import type { ModelInput } from "../../../data/model-input.ts";
import type { PredictionService } from "../../../serving/prediction-service.ts";
import { escapeHtml } from "./html-text.ts";
import { toJsonValue } from "./json-value.ts";

/** How the script reads a control: as a number, as text, as JSON; `auto` takes a number for one and all else for text. */
export type ControlKind = "number" | "text" | "choice" | "json" | "auto";

export interface FormField {
  readonly name: string;
  readonly kind: ControlKind;
  /** Left out of the row when nothing is filled in. */
  readonly optional: boolean;
  readonly nullable: boolean;
}

export interface Form {
  /** null: the whole row is one area of JSON text. */
  readonly fields: readonly FormField[] | null;
  readonly html: string;
}

interface Control {
  readonly field: FormField;
  readonly html: string;
  readonly hint: string;
  readonly unit: string | null;
}

/** Above this many fields nobody fills in a form. */
const maxFields = 60;
const maxOptions = 100;

export function formOf(service: PredictionService): Form {
  const controls = controlsOf(service);
  if (controls === null) return { fields: null, html: rowArea };
  return { fields: controls.map(({ field }) => field), html: controls.map(fieldHtml).join("\n") };
}

const rowArea = `<div class="field" id="w0">
<label for="f0">Row</label>
<p class="hint" id="h0">One row as JSON.</p>
<textarea id="f0" rows="12" spellcheck="false" aria-describedby="h0 e0"></textarea>
<p class="issue" id="e0" hidden></p>
</div>`;

function controlsOf({ deployment, input }: PredictionService): readonly Control[] | null {
  if (deployment !== null) {
    const entries = Object.entries(deployment.input);
    return entries.length > maxFields ? null : entries.map(([name, { spec }], index) => control(name, spec, index));
  }
  return modelControls(input);
}

function modelControls(input: ModelInput): readonly Control[] | null {
  if (input.kind === "records") {
    const { features, items } = input;
    if (items !== undefined || features.length === 0 || features.length > maxFields) return null;
    return features.map(({ name, numeric, categories }, index): Control => {
      const kind = categories.length === 0 ? "number" : numeric ? "auto" : "text";
      const known = categories.length === 0 ? "a number" : `one of ${categories.length} known values`;
      return {
        field: { name, kind, optional: true, nullable: false },
        html: textBox(index, kind === "number" ? "decimal" : "text", categories),
        hint: known,
        unit: null,
      };
    });
  }
  const { columns, named } = input;
  if (!named || columns.length === 0 || columns.length > maxFields) return null;
  return columns.map(({ name, type, optional = false, nullable }, index): Control => {
    const isNumber = type === "number" || type === "integer";
    const kind = isNumber ? "number" : type === "string" ? "text" : "auto";
    return {
      field: { name, kind, optional, nullable },
      html: textBox(index, isNumber ? "decimal" : "text", []),
      hint: {
        number: "a number",
        integer: "a whole number",
        string: "a text",
        boolean: "true or false",
        any: "a value",
      }[type],
      unit: null,
    };
  });
}

function control(name: string, spec: FieldSpec, index: number): Control {
  const { presence, nullable, description } = spec;
  const optional = presence !== "required";
  const made = (kind: ControlKind, html: string): Control => ({
    field: { name, kind, optional, nullable },
    html,
    hint: [description, expected(spec), presenceText(spec)].filter(Boolean).join(" · "),
    unit: "unit" in spec && spec.unit !== undefined ? spec.unit : null,
  });
  switch (spec.kind) {
    case "number":
      return made("number", textBox(index, "decimal", []));
    case "integer":
      return made("number", textBox(index, spec.min !== undefined && spec.min >= 0 ? "numeric" : "text", []));
    case "string":
    case "timestamp":
      return made("text", textBox(index, "text", []));
    case "date":
      return made("text", `<input id="f${index}" type="date"${described(index)}>`);
    case "boolean":
      return made("choice", select(index, [true, false], optional));
    case "category":
      return spec.values.length <= maxOptions
        ? made("choice", select(index, spec.values, optional))
        : made(typeof spec.values[0] === "string" ? "text" : "number", textBox(index, "text", shownValues(spec)));
    case "list":
    case "object":
      return made("json", `<textarea id="f${index}" rows="4" spellcheck="false"${described(index)}></textarea>`);
  }
}

function shownValues(spec: CategorySpec): readonly string[] {
  return spec.values.slice(0, 500).map(String);
}

function expected(spec: FieldSpec): string {
  if (spec.kind === "category") return `one of ${spec.values.length} values`;
  if (spec.kind === "list" || spec.kind === "object") return `${describeExpected(spec)}, as JSON`;
  if (spec.kind === "timestamp") return `${describeExpected(spec)}, such as 2021-03-01T08:30:00Z`;
  if (spec.kind !== "string") return describeExpected(spec);
  const { minLength, maxLength, pattern } = spec;
  const length = [
    minLength === undefined ? "" : `at least ${minLength}`,
    maxLength === undefined ? "" : `at most ${maxLength}`,
  ];
  const counted = length.filter(Boolean).join(" and ");
  const text = counted === "" ? "a text" : `a text of ${counted} characters`;
  return pattern === undefined ? text : `${text}, matching ${pattern}`;
}

function presenceText(spec: FieldSpec): string {
  if (spec.presence === "optional") return "may be left empty";
  return spec.presence === "default" ? `left empty it is ${JSON.stringify(toJsonValue(spec.default))}` : "";
}

function described(index: number): string {
  return ` aria-describedby="h${index} e${index}"`;
}

function textBox(index: number, mode: "text" | "decimal" | "numeric", known: readonly string[]): string {
  const list = known.length === 0 ? "" : ` list="l${index}"`;
  const options = known.slice(0, 500).map((value) => `<option value="${escapeHtml(value)}"></option>`);
  const choices = known.length === 0 ? "" : `<datalist id="l${index}">${options.join("")}</datalist>`;
  return `<input id="f${index}" type="text" inputmode="${mode}" autocomplete="off" spellcheck="false"${list}${described(index)}>${choices}`;
}

function select(index: number, values: readonly unknown[], optional: boolean): string {
  const none = `<option value="">${optional ? "(left out)" : "(choose)"}</option>`;
  const options = values.map(
    (value) => `<option value="${escapeHtml(JSON.stringify(value))}">${escapeHtml(String(value))}</option>`,
  );
  return `<select id="f${index}"${described(index)}>${none}${options.join("")}</select>`;
}

function fieldHtml({ field, html, hint, unit }: Control, index: number): string {
  const label = `<label for="f${index}">${escapeHtml(field.name)}${field.optional ? ' <span class="tag">optional</span>' : ""}</label>`;
  const none = field.nullable
    ? `<label class="null"><input id="n${index}" type="checkbox" aria-label="${escapeHtml(field.name)} is null"> null</label>`
    : "";
  const after = unit === null ? "" : `<span class="unit">${escapeHtml(unit)}</span>`;
  return `<div class="field" id="w${index}">
${label}
<div class="control">${html}${after}${none}</div>
<p class="hint" id="h${index}">${escapeHtml(unit === null ? hint : `${hint}, in ${unit}`)}</p>
<p class="issue" id="e${index}" hidden></p>
</div>`;
}
