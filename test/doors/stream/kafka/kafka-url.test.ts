// Addresses of Kafka topics, as users write them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readKafkaTopic, readKafkaUrl } from "../../../../src/doors/stream/kafka/kafka-url.ts";

describe("the address of Kafka topics", () => {
  it("names brokers, topics and a group", () => {
    assert.deepEqual(readKafkaUrl("kafka://h1:9093,h2,[::1]:9094/rides,more.rides?group=a%20b"), {
      brokers: ["h1:9093", "h2:9092", "[::1]:9094"],
      topics: ["rides", "more.rides"],
      group: "a b",
      tls: false,
    });
    assert.equal(readKafkaUrl("KAFKAS://h/t").tls, true);
    assert.equal(readKafkaTopic("kafka://h/t").topic, "t");
  });

  it("is refused where it is none, and a password in it is not repeated", () => {
    const wrong = [
      "kafka://h:9092",
      "kafka://h:9092/",
      "kafka:///t",
      "kafka://h:99999/t",
      "kafka://h:x/t",
      "kafka://h,/t",
      "kafka://h/t,",
      "kafka://h/t,t",
      "kafka://h/a/b",
      "kafka://h/..",
      "kafka://h/%zz",
      "kafka://h/t?group=",
      "kafka://h/t?offset=1",
      "kafka://h/t#x",
      `kafka://h/${"t".repeat(250)}`,
    ];
    for (const url of wrong) assert.throws(() => readKafkaUrl(url), { code: "KAFKA_URL" }, url);
    assert.throws(
      () => readKafkaUrl("kafka://me:s3cret@h/t"),
      (error: Error & { code?: string }) => error.code === "KAFKA_URL" && !JSON.stringify(error).includes("s3cret"),
    );
    for (const url of ["kafka://h/a,b", "kafka://h/a?group=g"]) {
      assert.throws(() => readKafkaTopic(url), { code: "KAFKA_URL" }, url);
    }
  });
});
