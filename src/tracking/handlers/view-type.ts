// Which lifecycle stages a search looks at.
import type { EnumOf } from "../../mlflow/wire/field-type.ts";

export function stagesOf(view: EnumOf<"ViewType"> | undefined): readonly string[] {
  switch (view) {
    case "DELETED_ONLY":
      return ["deleted"];
    case "ALL":
      return ["active", "deleted"];
    case "ACTIVE_ONLY":
    case undefined:
      return ["active"];
  }
}
