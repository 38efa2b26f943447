// `trimaran stream` as data; the table of commands holds it.
import type { Command } from "./command.ts";
import {
  homeFlag,
  maxModelBytesFlag,
  memberFlag,
  modelFlag,
  requireTrackingFlag,
  threadsFlag,
} from "./common-flags.ts";
import type { Flag } from "./flag.ts";
import { limitFlag } from "./limit-flag.ts";

const placeFlags: readonly Flag[] = [
  {
    name: "from",
    value: "URL",
    type: "text",
    fallback: "-",
    says: "where records come from: kafka://h1:9092,h2:9092/topic[,topic2]?group=…, a file that is tailed (file:events.ndjson or a path), - is stdin",
  },
  {
    name: "to",
    value: "URL",
    type: "text",
    fallback: "-",
    says: "where answers go: kafka://…/topic, a file, - is stdout",
  },
  {
    name: "dead-letter",
    value: "URL",
    type: "text",
    says: "where records go that cannot be answered, in the same step as the answers; without it the first of them ends the stream",
  },
  {
    name: "truth",
    value: "URL",
    type: "text",
    says: "where comes what turned out to be true, a topic or a file; it is written below .trimaran/truth/, for the feedback loop",
  },
  {
    name: "group",
    value: "NAME",
    type: "text",
    says: "who reads: each group has a position of its own; without it the deployment's name",
  },
  {
    name: "delivery",
    value: "WAY",
    type: "choice",
    choices: ["exactly-once", "at-least-once"],
    fallback: "exactly-once",
    says: "exactly-once: answers and position in one transaction; at-least-once: sooner there, and doubled after a failure",
  },
];

const messageFlags: readonly Flag[] = [
  {
    name: "format",
    value: "FORMAT",
    type: "choice",
    choices: ["json", "cloudevents", "avro", "json-schema"],
    says: "what messages are; without it as the definition's stream section says, else JSON",
  },
  {
    name: "output-format",
    value: "FORMAT",
    type: "choice",
    choices: ["json", "cloudevents", "avro", "json-schema"],
    says: "what answers are, where that differs",
  },
  { name: "schema-registry", value: "URL", type: "text", says: "the schema registry of Avro and JSON Schema messages" },
  {
    name: "max-message-bytes",
    value: "SIZE",
    type: "bytes",
    fallback: 1_048_576,
    says: "a larger message cannot be answered",
  },
  {
    name: "max-poison-rate",
    value: "SHARE",
    type: "text",
    says: "end the stream when more of the last 1,000 records than this cannot be answered: 0.05 or 5%",
  },
  {
    name: "batch-size",
    value: "N",
    type: "count",
    fallback: 10_000,
    says: "most records that are answered in one step",
  },
];

const kafkaFlags: readonly Flag[] = [
  {
    name: "kafka-client",
    value: "NAME",
    type: "choice",
    choices: ["confluent", "kafkajs"],
    says: "the client library; without it @confluentinc/kafka-javascript where it is installed, else kafkajs",
  },
  {
    name: "kafka-config",
    value: "FILE",
    type: "text",
    says: "a JSON file of settings that the client itself takes; secrets belong there or in TRIMARAN_KAFKA_USERNAME and TRIMARAN_KAFKA_PASSWORD",
  },
  {
    name: "commit-interval",
    value: "TIME",
    type: "duration",
    fallback: 20,
    says: "how long records are gathered before they are answered and committed together",
  },
  {
    name: "session-timeout",
    value: "TIME",
    type: "duration",
    fallback: 10_000,
    says: "how soon the group takes the partitions of a consumer that is silent",
  },
  {
    name: "instance-id",
    value: "ID",
    type: "text",
    says: "static membership: a restart within the session timeout keeps its partitions; each process needs an ID of its own",
  },
  {
    name: "group-protocol",
    value: "NAME",
    type: "choice",
    choices: ["classic", "consumer"],
    fallback: "classic",
    says: "consumer is KIP-848, where the broker and the client have it",
  },
];

const runFlags: readonly Flag[] = [
  {
    name: "until-end",
    type: "switch",
    says: "end when everything that was there is answered, instead of waiting for more",
  },
  { name: "reset", type: "switch", says: "read a file from its begin, whatever was read before" },
  {
    name: "metrics-port",
    value: "PORT",
    type: "port",
    says: "GET /metrics, /health/live and /health/ready there; 0 takes a free one and prints it",
  },
  {
    name: "metrics-host",
    value: "HOST",
    type: "text",
    fallback: "127.0.0.1",
    says: "the address of the metrics port; 0.0.0.0 for whoever reaches this machine",
  },
  {
    name: "prediction-log",
    type: "switch",
    section: "feedback.log",
    says: "write every answered record below .trimaran/predictions (or --home), as the definition's feedback section samples and redacts it",
  },
  {
    name: "drain-timeout",
    value: "TIME",
    type: "duration",
    fallback: 30_000,
    says: "how long what is under way may take when the stream is told to stop; then it comes again next time",
  },
  { name: "pin", type: "switch", says: "keep the model that was there at the start" },
  {
    name: "poll-interval",
    value: "TIME",
    type: "duration",
    fallback: 15_000,
    says: "how often the registry is asked whether an alias, a stage or latest means another version",
  },
];

export const streamCommand: Command = {
  name: "stream",
  says: "answer the records of a topic or a file as they come",
  about: [
    "Reads records, answers them as `serve` would, and writes the answers. Over Kafka, answers, dead letters and the group's position are one transaction: after any crash each record has exactly one answer for whoever reads committed records. From file to file the position lies in .trimaran/offsets.db, and a killed run leaves nothing twice; from stdin to stdout nothing can be read again.",
    "The definition's stream section says where the row stands in a message (at), what is copied into the answer (keep) and what the answer looks like (model, rename). A record that does not fit goes to --dead-letter with its bytes unchanged; what fails for now only, as a lookup that does not answer, is tried again and never set aside.",
    "Any number of processes share a group's partitions; another group reads the same topic on its own. SIGTERM finishes and commits what is under way (exit 0), as Ctrl-C does (exit 130). A newer model is taken between two transactions, and each answer names the version that made it.",
    "`trimaran stream replay --from DEAD_LETTERS --to PLACE` sends records that were set aside back, with the bytes that they came with; from a file, lines whose `value` was mended by hand.",
  ],
  argument: {
    name: "TARGET",
    says: "a model or a definition, as for serve; or the word replay",
    many: false,
  },
  flags: [
    ...placeFlags,
    ...messageFlags,
    ...kafkaFlags,
    ...runFlags,
    threadsFlag,
    homeFlag,
    requireTrackingFlag,
    modelFlag,
    memberFlag,
    maxModelBytesFlag,
    limitFlag,
  ],
  examples: [
    {
      says: "No broker needed: lines in, lines out",
      line: `echo '{"ride": {"PULocationID": 130, "DOLocationID": 205, "trip_distance": 3.66}, "ride_id": 256}' | trimaran stream examples/ride-duration`,
    },
    {
      says: "A file that grows, each line answered exactly once",
      line: "trimaran stream examples/ride-duration --from rides.ndjson --to predictions.ndjson --dead-letter rejected.ndjson",
    },
    {
      says: "Kafka, exactly once",
      line: "trimaran stream models:/ride-duration@champion --from kafka://localhost:9092/rides --to kafka://localhost:9092/predictions --dead-letter kafka://localhost:9092/rides-rejected",
    },
    {
      says: "Send back what was mended",
      line: "trimaran stream replay --from rejected.ndjson --to rides.ndjson",
    },
  ],
  load: () => import("./commands/stream.ts"),
};
