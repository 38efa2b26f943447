// Rows of the error table: stream consumers.
export const streamErrors = {
  STREAM_URL: {
    kind: "invalid",
    message: "{url} is no place that a stream can {use}.",
    fix: "Give kafka://host:9092/topic, file:events.ndjson (a path will do), or - for {standard}.",
  },
  STREAM_MIXED: {
    kind: "unsupported",
    message: "A stream from {from} to {to} could not be committed in one step.",
    fix: "Read and write the same kind of place: Kafka topics of one cluster, or files and standard streams.",
  },
  STREAM_NO_DEAD_LETTER: {
    kind: "invalid",
    message: "Record {at} cannot be answered, and there is no dead letter place for it: {problem}",
    fix: "Give --dead-letter, so that such records are set aside and the others go on. Nothing is committed behind it: from a file or a topic it comes again.",
  },
  STREAM_POISON_RATE: {
    kind: "invalid",
    message: "{poison} of the last {records} records could not be answered, more than --max-poison-rate allows.",
    fix: "Look at the dead letters: their headers say why. What was set aside stays there; nothing was lost.",
  },
  STREAM_OFFSETS: {
    kind: "invalid",
    message: "The positions in {file} cannot be used: {problem}.",
    fix: "Take it from a backup. If it is deleted, the input is read again from its begin; give another --output then, or lines are doubled.",
  },
  STREAM_BUSY: {
    kind: "conflict",
    message: "Another process reads {input} as {group} already.",
    fix: "Stop it first, or give this one a --group of its own.",
  },
  STREAM_BUSY_OUTPUT: {
    kind: "conflict",
    message: "Another stream writes to {file} already.",
    fix: "Stop it first, or give this one a file of its own.",
  },
  STREAM_OUTPUT_SHORT: {
    kind: "conflict",
    message: "{file} is shorter than what was written to it: {size} bytes, where {position} were committed.",
    fix: "Put the file back as it was, or put it away under another name, so that a new one is begun; --reset reads everything again.",
  },
  STREAM_FILE: {
    kind: "missing",
    message: "{file} cannot be {use}: {problem}.",
    fix: "Look whether it is there and may be used by this account.",
  },
  STREAM_DISK_FULL: {
    kind: "unavailable",
    message: "{file} cannot be written: no space is left.",
    fix: "Make room, then start it again: it goes on behind what was committed.",
  },
  STREAM_OUTPUT_CHANGED: {
    kind: "conflict",
    message: "{file} was changed by somebody else while it was written.",
    fix: "Give each stream a file of its own, which nobody else writes, empties or puts away while it runs. Nothing was lost: what was not committed is answered again.",
  },
  STREAM_SAME_PLACE: {
    kind: "invalid",
    message: "{first} and {second} are the same file: {file}.",
    fix: "Give each of them a file of its own.",
  },
  STREAM_TRUTH: {
    kind: "invalid",
    message: "The stream section's truth cannot be used: {problem}.",
    fix: "Name where in a message things stand: id or key, and value; time and source where it has them.",
  },
  STREAM_REPLAY: {
    kind: "invalid",
    message: "Line {line} of {file} cannot be sent back: {problem}.",
    fix: "Mend the line: it is one JSON object with the value as a text in `value`, or its bytes in `value_base64`. What stands before it was sent.",
  },
  KAFKA_URL: {
    kind: "invalid",
    message: "{url} is no address of Kafka topics: {problem}.",
    fix: "Write kafka://host:9092,other:9092/topic?group=name; user and password come from TRIMARAN_KAFKA_USERNAME and TRIMARAN_KAFKA_PASSWORD.",
  },
  KAFKA_CLUSTERS: {
    kind: "unsupported",
    message: "The topics lie on different clusters: {from} and {to}. One transaction does not reach over both.",
    fix: "Write to topics of the cluster that is read from.",
  },
  KAFKA_CLIENT_MISSING: {
    kind: "missing",
    message: "No client library of Kafka is installed{which}.",
    fix: "Install one beside Trimaran: `npm install kafkajs` (no native code), or `npm install @confluentinc/kafka-javascript`.",
  },
  KAFKA_CLIENT_LACKS: {
    kind: "unsupported",
    message: "The client {client} has no {what}.",
    fix: "Leave {flag} out, or install the other client library of Kafka.",
  },
  KAFKA_CONFIG: {
    kind: "invalid",
    message: "The settings in {file} cannot be used: {problem}.",
    fix: "Write one JSON object of settings that the client library knows.",
  },
  KAFKA_SECRET: {
    kind: "invalid",
    message: "What the environment says of Kafka's secrets does not fit together: {problem}.",
    fix: "Set TRIMARAN_KAFKA_USERNAME with TRIMARAN_KAFKA_PASSWORD (or TRIMARAN_KAFKA_PASSWORD_FILE), and for mutual TLS TRIMARAN_KAFKA_CERT_FILE with TRIMARAN_KAFKA_KEY_FILE.",
  },
  KAFKA_UNREACHABLE: {
    kind: "unavailable",
    message: "Kafka at {brokers} does not answer: {problem}.",
    fix: "Look whether it runs and can be reached from here. Nothing was lost.",
  },
  KAFKA_TLS: {
    kind: "denied",
    message: "Kafka at {brokers} and we do not agree on TLS: {problem}.",
    fix: "Use kafkas:// for a port that speaks TLS and kafka:// for one that does not; name the authority in TRIMARAN_KAFKA_CA_FILE.",
  },
  KAFKA_DENIED: {
    kind: "denied",
    message: "Kafka at {brokers} refuses us: {problem}.",
    fix: "Check TRIMARAN_KAFKA_USERNAME, TRIMARAN_KAFKA_PASSWORD and TRIMARAN_KAFKA_MECHANISM, and what this account may do with the topics, the group and the transactional IDs.",
  },
  KAFKA_TOPIC_MISSING: {
    kind: "missing",
    message: "There is no topic {topic}.",
    fix: "Create it first: Trimaran creates none, since the number of its partitions is yours to decide.",
  },
  KAFKA_MESSAGE_TOO_LARGE: {
    kind: "invalid",
    message: "What is written for {at} is larger than the broker takes for {topic}.",
    fix: "Raise max.message.bytes of the topic, or lower --batch-size. Nothing of it was written, and the record comes again.",
  },
  KAFKA_FENCED: {
    kind: "unavailable",
    message: "Another consumer has taken over {at}: this one was silent for too long.",
    fix: "Start it again: it joins the group anew. What it had under way was not written; the other one answers it.",
  },
} as const;
