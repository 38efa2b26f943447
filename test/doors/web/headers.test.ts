// Header values: warnings, versions, identifiers.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { WebCounters } from "../../../src/doors/web/counters.ts";
import { createIdSource, isIdentifier } from "../../../src/doors/web/identifiers.ts";
import { headerText, warningsHeader } from "../../../src/doors/web/warnings-header.ts";

const unseen = (field: string, count = 1) => ({ code: "unseen_category", field, count }) as const;

describe("warningsHeader", () => {
  it("joins warnings by commas and encodes what is not a token", () => {
    assert.equal(warningsHeader([unseen("PU_DO")]), "unseen_category;field=PU_DO;count=1");
    assert.equal(
      warningsHeader([unseen("a;b", 2), unseen("é"), unseen("100%"), unseen("(x)"), unseen("")]),
      "unseen_category;field=a%3Bb;count=2, unseen_category;field=%C3%A9;count=1, " +
        'unseen_category;field=100%25;count=1, unseen_category;field=%28x%29;count=1, unseen_category;field="";count=1',
    );
  });

  it("is bounded, and says how many did not fit", () => {
    const header = warningsHeader(Array.from({ length: 100 }, (_, index) => unseen(`field_${index}`)));
    const items = header.split(", ");
    assert.ok(header.length < 2100);
    assert.equal(items.at(-1), `more;count=${100 - (items.length - 1)}`);
    assert.equal(warningsHeader([unseen("x".repeat(5000))]), "more;count=1");
  });

  it("is a sound header for any name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (field) => {
        const header = warningsHeader([unseen(field)]);
        new Headers({ "x-trimaran-warnings": header });
        assert.match(header, /^(unseen_category;field=[^;, ]+;count=1|more;count=1)$/);
        new Headers({ "x-model-version": headerText(field) });
        assert.match(headerText(field), /^[\x21-\x7e]*$/);
      }),
      { numRuns: 300 },
    );
    assert.match(warningsHeader([unseen("\ud800")]), /field=%EF%BF%BD/);
  });
});

describe("identifiers", () => {
  it("are UUIDs of version 7, all different, in the order of their time", () => {
    let now = 1_700_000_000_000;
    const next = createIdSource(() => now++);
    const ids = Array.from({ length: 2000 }, next);
    for (const id of ids) {
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.ok(isIdentifier(id));
    }
    assert.equal(new Set(ids.map((id) => id.slice(14))).size, ids.length);
    assert.deepEqual([...ids].sort(), ids);
    assert.equal(Number.parseInt(ids[5]!.replaceAll("-", "").slice(0, 12), 16), 1_700_000_000_005);
  });
});

describe("WebCounters", () => {
  it("sums warnings up, and bounds the number of names that it keeps", () => {
    const counters = new WebCounters();
    for (let index = 0; index < 1500; index++) counters.countWarnings("s", [unseen(`f${index}`, 2)]);
    counters.countWarnings("s", [unseen("f0")]);
    assert.equal(counters.warnings.length, 1001);
    assert.equal(counters.warnings.find((warning) => warning.field === "f0")?.count, 3);
    assert.equal(counters.warnings.find((warning) => warning.field === "*")?.count, 1000);
  });
});
