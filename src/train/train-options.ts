// How training runs: on how many threads, until when, and who is told.

export interface TrainProgress {
  /** Trees grown so far. */
  readonly done: number;
  readonly total: number;
}

export interface TrainOptions {
  /** Worker threads. The fitted model is the same for any number. @default as many as there are processors */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainProgress) => void;
}
