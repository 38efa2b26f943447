// The grammar of a field's text, and what it means in TypeScript:
//
//   field   = type ["[]"] ["*" | "=" default]          `[]` is repeated, `*` required
//   type    = scalar | "map<" scalar ">" | name of an enumeration | name of a message
//   scalar  = string | int32 | int64 | double | bool | json | timestamp | duration | mask
//
// Endpoints and messages are plain data in this grammar, so that types flow from them and a table can be printed from them.
import type { enums } from "../messages/enums.ts";
import type { messageTable } from "../messages/message-table.ts";

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue | undefined };

export type Fields = Readonly<Record<string, string>>;
export type MessageName = keyof typeof messageTable;
export type EnumName = keyof typeof enums;

interface Scalars {
  readonly string: string;
  readonly int32: number;
  /** A whole number; beyond 2^53 not exact. */
  readonly int64: number;
  readonly double: number;
  readonly bool: boolean;
  readonly json: JsonValue;
  /** RFC 3339. */
  readonly timestamp: string;
  /** Seconds with an `s`: `1.5s`. */
  readonly duration: string;
  /** Names of fields, with commas. */
  readonly mask: string;
}

type Bare<Text> = Text extends `${infer Type}*` ? Type : Text extends `${infer Type}=${string}` ? Type : Text;

type ReadValue<Type> = Type extends `${infer Item}[]`
  ? readonly ReadValue<Item>[]
  : Type extends `map<${infer Item}>`
    ? Readonly<Record<string, ReadValue<Item>>>
    : Type extends keyof Scalars
      ? Scalars[Type]
      : Type extends EnumName
        ? keyof (typeof enums)[Type] & string
        : Type extends MessageName
          ? MessageOf<Type>
          : never;

type WrittenValue<Type> = Type extends `${infer Item}[]`
  ? readonly WrittenValue<Item>[]
  : Type extends MessageName
    ? MessageInput<Type>
    : ReadValue<Type>;

/** Fields that a reader always fills: required ones, those with a default, lists and maps. */
type FilledKeys<F> = {
  [K in keyof F]: F[K] extends `${string}*` | `${string}=${string}` | `${string}[]` | `map<${string}` ? K : never;
}[keyof F];
type RequiredKeys<F> = { [K in keyof F]: F[K] extends `${string}*` ? K : never }[keyof F];

/** What reading gives: a field that was not sent is absent, unless it has a default. */
export type ReadFields<F> = { readonly [K in FilledKeys<F>]: ReadValue<Bare<F[K]>> } & {
  readonly [K in Exclude<keyof F, FilledKeys<F>>]?: ReadValue<Bare<F[K]>>;
};

/** What is given to be written: required fields, and any others. Undefined is not sent. */
export type WrittenFields<F> = { readonly [K in RequiredKeys<F>]: WrittenValue<Bare<F[K]>> } & {
  readonly [K in Exclude<keyof F, RequiredKeys<F>>]?: WrittenValue<Bare<F[K]>> | undefined;
};

/** A message as it is read: `MessageOf<"Run">`. */
export type MessageOf<Name extends MessageName> = ReadFields<(typeof messageTable)[Name]>;
/** A message as it is given to be written. */
export type MessageInput<Name extends MessageName> = WrittenFields<(typeof messageTable)[Name]>;
export type EnumOf<Name extends EnumName> = keyof (typeof enums)[Name] & string;

export interface FieldType {
  /** A scalar, or the name of an enumeration or message. */
  readonly type: string;
  readonly shape: "single" | "list" | "map";
  readonly isRequired: boolean;
  /** As it is written in the field's text. */
  readonly defaultText: string | null;
}

/** Reads a field's text; it is ours, so it is sound (a test reads every one). */
export function readFieldType(text: string): FieldType {
  const match = /^(?:map<(\w+)>|(\w+)(\[\])?)(\*)?(?:=(.*))?$/.exec(text);
  const [, mapped, plain, list, required, defaultText] = match ?? [];
  return {
    type: mapped ?? plain ?? "",
    shape: mapped !== undefined ? "map" : list === undefined ? "single" : "list",
    isRequired: required !== undefined,
    defaultText: defaultText ?? null,
  };
}
