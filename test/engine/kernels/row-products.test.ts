// The products of columns, by the kernel and by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import { blockRows, openRowProducts } from "../../../src/engine/kernels/row-products.ts";

for (const columns of [1, 3, 4, 5, 21, 130]) {
  test(`${columns} columns: every two of them, over blocks that are full and one that is not`, () => {
    const rows = 2 * blockRows + 37;
    const cell = (row: number, column: number): number => Math.sin(row * 131 + column * 17);
    const products = openRowProducts(columns);
    for (let first = 0; first < rows; first += blockRows) {
      const count = Math.min(blockRows, rows - first);
      for (let row = 0; row < count; row++) {
        for (let column = 0; column < columns; column++) {
          products.cells[row * products.stride + column] = cell(first + row, column);
        }
      }
      products.add(count);
    }
    products.add(0);
    for (let column = 0; column < columns; column++) {
      for (let other = 0; other < columns; other++) {
        let sum = 0;
        for (let row = 0; row < rows; row++) sum += cell(row, column) * cell(row, other);
        assert.ok(Math.abs(products.of(column, other) - sum) < 1e-9, `${column} and ${other}`);
      }
    }
  });
}
