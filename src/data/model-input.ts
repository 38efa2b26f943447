// What a model takes: the description that turns user rows into a batch, and that `inspect` and OpenAPI show.

/** One named or positional column of a model's input. */
export interface InputColumn {
  readonly name: string;
  readonly type: InputType;
  /** A missing value (null) is an answer the model was made for. */
  readonly nullable: boolean;
  /**
   * The model looks at nothing in this column, and a row by name may leave it out.
   *
   * @default false
   */
  readonly optional?: boolean;
}

/** `number` takes any JSON number; `integer` whole ones; `any` what comes. */
export type InputType = "number" | "integer" | "string" | "boolean" | "any";

/** One feature of a dictionary model. */
export interface RecordFeature {
  readonly name: string;
  readonly numeric: boolean;
  /** The category values that the model knows, when it takes strings under this name. */
  readonly categories: readonly string[];
}

/**
 * - `records`: a dictionary a row; unknown names are ignored by the model. With `items` a row is an array instead: of names, or
 *   of [name, value] pairs; its batch holds them under their positions
 * - `matrix`: numbers only, by position, or by name when `named`. With `anyWidth` it has no columns of its own: a row is an array
 *   of any length, and all rows of a batch have that of the first
 * - `table`: columns of mixed types, by position, or by name when `named`
 */
export type ModelInput =
  | { readonly kind: "records"; readonly features: readonly RecordFeature[]; readonly items?: RowItems }
  | {
      readonly kind: "matrix";
      readonly named: boolean;
      readonly columns: readonly InputColumn[];
      readonly anyWidth?: true;
    }
  | { readonly kind: "table"; readonly named: boolean; readonly columns: readonly InputColumn[] };

/** What a row that is an array of its own length holds. */
export type RowItems = "strings" | "pairs";
