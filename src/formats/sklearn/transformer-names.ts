// Objects that fitted transformers carry along and that hold data only: how columns were chosen, and names of columns.
import { type AllowedGlobal, allow } from "../pickle/allow-list.ts";

export const transformerNames: readonly AllowedGlobal[] = [
  ...allow("sklearn.compose._column_transformer", "construct", "make_column_selector", "_RemainderColsList"),
  ...allow("pandas.core.indexes.base", "construct", "_new_Index", "Index"),
  ...allow("pandas.core.indexes.range", "construct", "RangeIndex"),
];
