// The port for what a host brings to compute ONNX files: the module `onnxruntime-node`, or `onnxruntime-web` in a page.

/** What we use of that module. */
export interface OnnxRuntime {
  readonly InferenceSession: {
    create(bytes: Uint8Array, options?: Readonly<Record<string, unknown>>): Promise<OnnxSession>;
  };
  readonly Tensor: new (type: string, data: OnnxCells, dims: readonly number[]) => OnnxTensor;
}

export interface OnnxSession {
  run(
    feeds: Readonly<Record<string, OnnxTensor>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, OnnxTensor>>>;
  release(): Promise<void>;
}

export interface OnnxTensor {
  /** `float32`, `float64`, `int64`, `string`, `bool`, … */
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

/** Row-major cells of a tensor. */
export type OnnxCells = ArrayLike<number> | ArrayLike<bigint> | readonly string[];

export function isOnnxRuntime(value: unknown): value is OnnxRuntime {
  if (typeof value !== "object" || value === null) return false;
  const { InferenceSession, Tensor } = value as Partial<Record<keyof OnnxRuntime, unknown>>;
  return typeof Tensor === "function" && typeof InferenceSession === "function";
}
