// What is known of an experiment of a file store before its runs are read.
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import type { Meta, StoreFolder } from "./store-folder.ts";

export interface ExperimentPlan {
  readonly folder: StoreFolder;
  readonly meta: Meta;
  /** As the file store has it. */
  readonly id: string;
  /** In the database. */
  readonly number: number;
  readonly name: string;
  readonly isDeleted: boolean;
}

export type ImportedDataset = Required<Pick<MessageInput<"Dataset">, "name" | "digest" | "source_type" | "source">> & {
  readonly schema: string | undefined;
  readonly profile: string | undefined;
};
