// `kafka://h1:9092,h2:9092/topic[,topic2]?group=name`: a list of brokers is no host for `new URL`, so it is read here.
import { trimaranError } from "../../../base/errors.ts";

export interface KafkaPlace {
  /** `host:port`, sorted as they were given. */
  readonly brokers: readonly string[];
  /** At least one. */
  readonly topics: readonly string[];
  readonly group: string | null;
  /** `kafkas:`. */
  readonly tls: boolean;
}

const defaultPort = 9092;
const topicName = /^[A-Za-z0-9._-]{1,249}$/;

/** @throws KAFKA_URL */
export function readKafkaUrl(url: string): KafkaPlace {
  const shown = url.replace(/\/\/[^/]*@/, "//…@");
  const refuse = (problem: string): Error => trimaranError("KAFKA_URL", { url: shown, problem });
  const parts = /^(kafkas?):\/\/([^/?#]*)\/([^?#]*)(?:\?([^#]*))?$/i.exec(url);
  if (parts === null) throw refuse("it has no topic");
  const [, scheme = "", hosts = "", path = "", query = ""] = parts;
  if (hosts.includes("@")) throw refuse("a user and a password do not belong in it");
  const brokers = hosts.split(",").map((host) => {
    const [, name, port] = /^([A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\])(?::(\d{1,5}))?$/.exec(host.trim()) ?? [];
    if (name === undefined || Number(port ?? defaultPort) > 65_535) throw refuse(`"${host}" is no host with a port`);
    return `${name}:${port ?? defaultPort}`;
  });
  const topics = path.split(",").map((topic) => decode(topic, refuse));
  for (const topic of topics) {
    if (!topicName.test(topic) || topic === "." || topic === "..") throw refuse(`"${topic}" is no name of a topic`);
  }
  if (new Set(topics).size < topics.length) throw refuse("a topic is named twice");
  let group: string | null = null;
  for (const [name, value] of new URLSearchParams(query)) {
    if (name !== "group") throw refuse(`it knows no "${name}", only group`);
    if (value === "") throw refuse("its group is empty");
    group = value;
  }
  return { brokers, topics, group, tls: scheme.toLowerCase() === "kafkas" };
}

/** One topic to write to. @throws KAFKA_URL */
export function readKafkaTopic(url: string): KafkaPlace & { readonly topic: string } {
  const place = readKafkaUrl(url);
  const [topic = ""] = place.topics;
  if (place.topics.length === 1 && place.group === null) return { ...place, topic };
  throw trimaranError("KAFKA_URL", { url, problem: "one topic is written to, and it needs no group" });
}

function decode(text: string, refuse: (problem: string) => Error): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refuse(`"${text}" is no name of a topic`);
  }
}
