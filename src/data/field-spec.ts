// A field as plain data: what a value must be. Builders and YAML make it, readers, JSON Schema and wire types read it.

/** `default` fields take their default when the value is not there, so a row always has them. */
export type Presence = "required" | "optional" | "default";

interface FieldSpecFace {
  readonly presence: Presence;
  readonly nullable: boolean;
  /** Only with presence `default`; written as it would come in JSON. */
  readonly default?: unknown;
  readonly description?: string;
}

export interface NumberSpec extends FieldSpecFace {
  readonly kind: "number";
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
}

export interface IntegerSpec extends FieldSpecFace {
  readonly kind: "integer";
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
}

export interface StringSpec extends FieldSpecFace {
  readonly kind: "string";
  /** In Unicode characters, as JSON Schema counts. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** The source of a regular expression with the flag `u`; unanchored, as in JSON Schema. */
  readonly pattern?: string;
}

export interface BooleanSpec extends FieldSpecFace {
  readonly kind: "boolean";
}

export type CategoryValue = string | number | boolean;

export interface CategorySpec extends FieldSpecFace {
  readonly kind: "category";
  /** At least one, each once. */
  readonly values: readonly CategoryValue[];
}

/** RFC 3339 text with a zone; `min` and `max` are such texts. */
export interface TimestampSpec extends FieldSpecFace {
  readonly kind: "timestamp";
  readonly min?: string;
  readonly max?: string;
}

/** A day of the calendar, `YYYY-MM-DD`; `min` and `max` are such texts. */
export interface DateSpec extends FieldSpecFace {
  readonly kind: "date";
  readonly min?: string;
  readonly max?: string;
}

export interface ListSpec extends FieldSpecFace {
  readonly kind: "list";
  readonly of: FieldSpec;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface ObjectSpec extends FieldSpecFace {
  readonly kind: "object";
  readonly fields: Readonly<Record<string, FieldSpec>>;
}

export type FieldSpec =
  | NumberSpec
  | IntegerSpec
  | StringSpec
  | BooleanSpec
  | CategorySpec
  | TimestampSpec
  | DateSpec
  | ListSpec
  | ObjectSpec;

export type FieldKind = FieldSpec["kind"];
export type FieldSpecOf<Kind extends FieldKind> = Extract<FieldSpec, { readonly kind: Kind }>;
