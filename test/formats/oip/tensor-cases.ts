// Random tensors of every datatype, and what makes two tensors the same.
import fc from "fast-check";
import { datatypeFacts, datatypeNames, type TensorDatatype } from "../../../src/formats/oip/datatype.ts";
import { fromBfloat, fromHalf } from "../../../src/formats/oip/half-float.ts";
import type { OipTensor } from "../../../src/formats/oip/tensor.ts";
import { type BytesElement, type DatatypeData, newBigInts, newNumbers } from "../../../src/formats/oip/tensor-data.ts";

const shapes = fc.oneof(
  fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 }),
  fc.tuple(fc.nat({ max: 9 }), fc.constant(1)),
);

const element: { readonly [Type in TensorDatatype]?: fc.Arbitrary<number> } = {
  FP16: fc.nat({ max: 0xffff }).map(fromHalf),
  BF16: fc.nat({ max: 0xffff }).map(fromBfloat),
  FP32: fc.float(),
  FP64: fc.double(),
  BOOL: fc.nat({ max: 1 }),
};

/** `text`: BYTES are texts only, as JSON has them. */
export function tensors(options: { readonly text: boolean; readonly raw: boolean }): fc.Arbitrary<OipTensor> {
  const names = datatypeNames.filter((name) => options.raw || name !== "BF16");
  return fc
    .tuple(fc.constantFrom(...names), shapes, fc.string({ minLength: 1, unit: "grapheme" }))
    .chain(([datatype, shape, name]) => {
      const length = shape.reduce((count, dim) => count * dim, 1);
      return dataOf(datatype, { length, text: options.text }).map((data) => ({
        name,
        datatype,
        shape,
        data,
        parameters: {},
      }));
    });
}

function dataOf(datatype: TensorDatatype, of: { length: number; text: boolean }): fc.Arbitrary<DatatypeData> {
  const size = { minLength: of.length, maxLength: of.length };
  if (datatype === "BYTES") {
    const texts: fc.Arbitrary<BytesElement> = fc.string({ unit: "grapheme" });
    const bytes: fc.Arbitrary<BytesElement> = fc
      .uint8Array({ minLength: 1, maxLength: 5 })
      .map((each) => Uint8Array.of(0xff, ...each));
    return fc.array(of.text ? texts : fc.oneof(texts, bytes), size);
  }
  const { range } = datatypeFacts(datatype);
  if (datatype === "INT64" || datatype === "UINT64") {
    const [min, max] = range ?? [0n, 0n];
    return fc.array(fc.bigInt({ min, max }), size).map((list) => {
      const data = newBigInts(datatype, of.length);
      for (const [at, value] of list.entries()) data[at] = value;
      return data;
    });
  }
  const numbers = element[datatype] ?? fc.integer({ min: Number(range?.[0]), max: Number(range?.[1]) });
  return fc.array(numbers, size).map((list) => {
    const data = newNumbers(datatype, of.length);
    data.set(list);
    return data;
  });
}

/** Comparable by deepEqual: an array of elements, whatever held them. */
export function plain(tensor: OipTensor): unknown {
  return { ...tensor, data: Array.from<unknown>(tensor.data), shape: [...tensor.shape] };
}
