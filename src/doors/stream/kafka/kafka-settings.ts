// What a user says of Kafka beside the addresses.

export interface KafkaSettings {
  /** null: @confluentinc/kafka-javascript where it is installed, else kafkajs. */
  readonly client: "confluent" | "kafkajs" | null;
  /** A JSON file of settings for the client itself. */
  readonly configFile: string | null;
  /** How long records are gathered, in milliseconds. */
  readonly commitIntervalMs: number;
  readonly sessionTimeoutMs: number;
  /** Static membership; never made up by us. */
  readonly instanceId: string | null;
  readonly groupProtocol: "classic" | "consumer";
  /** For user, password and certificates. */
  readonly env: Readonly<Record<string, string | undefined>>;
}
