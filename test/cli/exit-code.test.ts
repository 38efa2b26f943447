// An error's kind is its exit code.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ErrorCode, errorTable } from "../../src/base/error-table.ts";
import { type ErrorKind, trimaranError } from "../../src/base/errors.ts";
import { exitCodeOf } from "../../src/cli/exit-code.ts";

test("a retry may help with what is busy, late or away, and with nothing else; wrong usage is 2", () => {
  const temporary: readonly ErrorKind[] = ["busy", "timeout", "unavailable"];
  for (const [code, { kind, message, fix }] of Object.entries(errorTable)) {
    const names = `${message} ${fix}`.match(/\{(\w+)\}/g) ?? [];
    const slots = Object.fromEntries(names.map((name) => [name.slice(1, -1), "x"]));
    const error = trimaranError(code as ErrorCode, slots as never);
    const expected = code.startsWith("USAGE_") ? 2 : temporary.includes(kind) ? 75 : 1;
    assert.equal(exitCodeOf(error), expected, code);
  }
});
