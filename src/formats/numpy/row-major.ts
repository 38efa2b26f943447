// Puts the elements of a permuted or column-major array into row-major order.

/** How the bytes are stored: row-major by `shape`; axis i of the result is the stored axis `axes[i]`. */
export interface StoredLayout {
  readonly shape: readonly number[];
  readonly axes: readonly number[];
}

export function toRowMajor(stored: Uint8Array, itemsize: number, layout: StoredLayout): Uint8Array {
  const { shape, axes } = layout;
  if (stored.length === 0 || axes.every((axis, i) => axis === i)) return stored;
  const storedStrides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) storedStrides[i] = (storedStrides[i + 1] ?? 1) * (shape[i + 1] ?? 1);
  const dimensions = axes.map((axis) => shape[axis] ?? 1);
  const strides = axes.map((axis) => storedStrides[axis] ?? 1);
  const count = stored.length / itemsize;
  const positions = sourceIndexes(dimensions, strides, count);
  // Whole words, never as doubles: storing a double may change the bits of a NaN, and integers look like NaNs.
  if (itemsize % 4 === 0) {
    const words = new Uint32Array(aligned(stored, 4));
    return new Uint8Array(gather(words, positions, itemsize / 4).buffer);
  }
  return gather(stored, positions, itemsize);
}

/** For each element of the result, in row-major order, its index in the stored array. */
function sourceIndexes(dimensions: readonly number[], strides: readonly number[], count: number): Float64Array {
  const positions = new Float64Array(count);
  const index = new Array<number>(dimensions.length).fill(0);
  let position = 0;
  for (let i = 0; i < count; i++) {
    positions[i] = position;
    for (let axis = dimensions.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const dimension = dimensions[axis] ?? 1;
      const stride = strides[axis] ?? 1;
      position += stride;
      if (next < dimension) {
        index[axis] = next;
        break;
      }
      index[axis] = 0;
      position -= stride * dimension;
    }
  }
  return positions;
}

/** The bytes as a buffer of their own when they do not begin at a multiple of `unit`, so that a typed array can lie on them. */
function aligned(bytes: Uint8Array, unit: number): ArrayBufferLike {
  return bytes.byteOffset % unit === 0 && bytes.byteLength === bytes.buffer.byteLength
    ? bytes.buffer
    : new Uint8Array(bytes).buffer;
}

/** Copies units of `width` elements: unit i of the result is unit `positions[i]` of the source. */
function gather<T extends Uint8Array | Uint32Array>(source: T, positions: Float64Array, width: number): T {
  // `slice` of a Buffer would be a view, which this loop would read while it writes.
  const out = source instanceof Uint32Array ? new Uint32Array(source) : new Uint8Array(source);
  for (let i = 0; i < positions.length; i++) {
    const from = (positions[i] as number) * width;
    for (let j = 0; j < width; j++) out[i * width + j] = source[from + j] as number;
  }
  return out as T;
}
