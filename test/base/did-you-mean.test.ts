// "Did you mean" finds misspellings and leaves names alone that are their own.
import assert from "node:assert/strict";
import { test } from "node:test";
import { closestName, didYouMean, editDistance } from "../../src/base/did-you-mean.ts";

test("counts inserts, deletes, replacements and swaps of neighbours", () => {
  assert.equal(editDistance("distance", "distanec", 3), 1);
  assert.equal(editDistance("distance", "distnce", 3), 1);
  assert.equal(editDistance("kitten", "sitting", 3), 3);
  assert.equal(editDistance("kitten", "sitting", 2), 3);
  assert.equal(editDistance("", "abc", 3), 3);
});

test("names that differ only in case or separators are at distance 0", () => {
  assert.deepEqual(closestName("tripDistance", ["id", "trip_distance"]), { name: "trip_distance", distance: 0 });
});

test("the closest of several wins, and short or far names are not close", () => {
  assert.equal(closestName("trip_distnce", ["trip_duration", "trip_distance"])?.name, "trip_distance");
  assert.equal(closestName("a", ["b"]), undefined);
  assert.equal(closestName("ride_id", ["PULocationID", "trip_distance"]), undefined);
  assert.equal(didYouMean("modle", ["model", "name"]), ' (did you mean "model"?)');
  assert.equal(didYouMean("zzz", ["model"]), "");
});

test("names of a megabyte cost nothing", () => {
  const start = performance.now();
  assert.equal(closestName("x".repeat(1_000_000), ["y".repeat(1_000_000)]), undefined);
  assert.ok(performance.now() - start < 100);
});
