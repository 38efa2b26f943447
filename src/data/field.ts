// A field: one typed value of a row, immutable, with the TypeScript types that flow from it.
import type { FieldSpec, Presence } from "./field-spec.ts";
import type { StandardProps, StandardSchema } from "./schema-standard.ts";

/**
 * `Output` is the value in a row, `Input` what may be sent for it. Made by the builders of `field-builders.ts`.
 *
 * A `timestamp` is sent as RFC 3339 text and is a `Date` in the row; a `date` stays the text `YYYY-MM-DD`, because a day
 * has no instant: as a `Date` it would change its day with the zone of the reader.
 */
export interface Field<Output = unknown, Input = Output, Has extends Presence = Presence>
  extends StandardSchema<Input, Output> {
  readonly spec: FieldSpec;
  readonly presence: Has;
  readonly "~standard": StandardProps<Input, Output>;
  /** The value may be left out; a row then lacks the key. A field with a default stays as it is. */
  optional(): Field<Output, Input, Has extends "default" ? "default" : "optional">;
  /** The value may be `null`. */
  nullable(): Field<Output | null, Input | null, Has>;
  /** What a row holds when the value was not sent (a `null` that was sent is not replaced). */
  default(value: Input): Field<Output, Input, "default">;
}

export type AnyField = Field<unknown, unknown, Presence>;

/** Fields by name, in the order in which rows hold them. */
export type Schema = Readonly<Record<string, AnyField>>;

/** The row that a schema gives. */
export type Infer<Fields extends Schema> = Flat<
  { readonly [Name in KeysThat<Fields, "required" | "default">]: OutputOf<Fields[Name]> } & {
    readonly [Name in KeysThat<Fields, "optional">]?: OutputOf<Fields[Name]>;
  }
>;

/** The row that may be sent for a schema: optional fields and those with a default may be left out. */
export type InferInput<Fields extends Schema> = Flat<
  { readonly [Name in KeysThat<Fields, "required">]: InputOf<Fields[Name]> } & {
    readonly [Name in KeysThat<Fields, "optional" | "default">]?: InputOf<Fields[Name]>;
  }
>;

export type OutputOf<Any extends AnyField> = NonNullable<Any["~standard"]["types"]>["output"];
export type InputOf<Any extends AnyField> = NonNullable<Any["~standard"]["types"]>["input"];

type KeysThat<Fields extends Schema, Has extends Presence> = {
  [Name in keyof Fields & string]: Fields[Name]["presence"] extends Has ? Name : never;
}[keyof Fields & string];

type Flat<Type> = { [Key in keyof Type]: Type[Key] };
