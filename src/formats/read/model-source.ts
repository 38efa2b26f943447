// What a model is read from: one file, or the files of a folder by their path in it. All bytes are in memory.

export type ModelSource = ModelFile | ModelFolder;

interface Parts {
  /** Of a file that holds several parts: those that make the model, in order. */
  readonly members?: readonly string[] | undefined;
}

export interface ModelFile extends Parts {
  readonly kind: "file";
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface ModelFolder extends Parts {
  readonly kind: "folder";
  readonly name: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
}
