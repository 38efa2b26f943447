// Where artifacts are kept, whichever it is. Paths come as checked segments.

export interface ArtifactFile {
  readonly size: number;
  /** To be read to its end or left by `return`. */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ArtifactEntry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
}

export interface ArtifactStore {
  /** Null: there is nothing, or it is a file. */
  list(segments: readonly string[]): Promise<readonly ArtifactEntry[] | null>;
  /** Null: there is no such file. */
  open(segments: readonly string[]): Promise<ArtifactFile | null>;
  /** Whole or not at all. @throws WireError where a folder or file is in the way, or it is too large */
  write(segments: readonly string[], body: AsyncIterable<Uint8Array>): Promise<void>;
  /** With all below it. */
  remove(segments: readonly string[]): Promise<void>;
}
