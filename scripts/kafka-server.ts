// A real Apache Kafka for suites and benches: one KRaft node from Maven Central on the Java that is here, in a temporary folder, on free
// loopback ports, gone when disposed. Made by `node scripts/kafka-server.ts`; where it was not made, or Java is missing, suites skip by name.
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import kafkajs from "kafkajs";
import { mendKafkajs } from "../src/doors/stream/kafka/mend-kafkajs.ts";
import { freePorts } from "./free-ports.ts";
import { testCache } from "./python-environment.ts";

const run = promisify(execFile);

export const kafkaVersion = "4.4.0";
const slf4jVersion = "2.0.17";

/** The folder of its jars, or undefined: it has not been made. */
export function findKafka(): string | undefined {
  return existsSync(join(place(), "whole")) ? place() : undefined;
}

/** For a test's options: why it is skipped, or false. Kafka is made when it is not there yet. */
export async function kafkaSkip(): Promise<string | false> {
  try {
    await makeKafka();
  } catch {
    return "Apache Kafka cannot be made here: Maven is missing, or cannot reach its registry";
  }
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
    return false;
  } catch {
    return "Java is not installed (Debian's package openjdk-17-jre-headless)";
  }
}

/** Made beside its place and renamed into it when whole; of two at once the first wins. */
export async function makeKafka(): Promise<string> {
  const found = findKafka();
  if (found !== undefined) return found;
  mkdirSync(join(place(), ".."), { recursive: true });
  const scratch = mkdtempSync(`${place()}.making-`);
  try {
    writeFileSync(join(scratch, "pom.xml"), pom());
    const args = [
      "-q",
      "-B",
      "-f",
      join(scratch, "pom.xml"),
      "dependency:copy-dependencies",
      `-DoutputDirectory=${scratch}/lib`,
    ];
    await run("mvn", [...args, "-DincludeScope=runtime"], { maxBuffer: 1 << 26 });
    writeFileSync(join(scratch, "whole"), "");
    try {
      renameSync(scratch, place());
    } catch (error) {
      if (findKafka() === undefined) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return place();
}

function pom(): string {
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>t</groupId><artifactId>t</artifactId><version>1</version><dependencies>${dependency("org.apache.kafka", "kafka_2.13", kafkaVersion)}${dependency("org.slf4j", "slf4j-nop", slf4jVersion)}</dependencies></project>`;
}

function place(): string {
  return join(testCache(), `kafka-${kafkaVersion}`);
}

export interface KafkaServer extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly broker: string;
  /** Speaks SASL/PLAIN with `kafkaUser` and `kafkaPassword`. */
  readonly saslBroker: string;
  /** `kafka://127.0.0.1:port/topic`. */
  url(topic: string): string;
  /** As a crash does; `start` brings it back with what it had. */
  kill(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export const kafkaUser = "trimaran";
export const kafkaPassword = "s3cr%t:p@ss w?rd#";

export async function startKafka(settings: Readonly<Record<string, string>> = {}): Promise<KafkaServer> {
  const jars = findKafka();
  if (jars === undefined) throw new Error("Apache Kafka was not made here");
  const folder = mkdtempSync(join(tmpdir(), "trimaran-kafka-"));
  const [port, sasl, controller] = await freePorts(3);
  const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${kafkaUser}="${kafkaPassword}";`;
  const properties: Record<string, string> = {
    "process.roles": "broker,controller",
    "node.id": "1",
    listeners: `PLAINTEXT://127.0.0.1:${port},SASL_PLAINTEXT://127.0.0.1:${sasl},CONTROLLER://127.0.0.1:${controller}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port},SASL_PLAINTEXT://127.0.0.1:${sasl}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
    "sasl.enabled.mechanisms": "PLAIN",
    "listener.name.sasl_plaintext.plain.sasl.jaas.config": jaas,
    "controller.quorum.voters": `1@127.0.0.1:${controller}`,
    "log.dirs": join(folder, "data"),
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "auto.create.topics.enable": "false",
    ...settings,
  };
  const file = join(folder, "server.properties");
  writeFileSync(
    file,
    Object.entries(properties)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
    { mode: 0o600 },
  );
  const classes = join(jars, "lib", "*");
  // One that began with a dash would be taken for a flag.
  const id = `A${randomBytes(16).toString("base64url").slice(1)}`;
  await run("java", ["-cp", classes, "kafka.tools.StorageTool", "format", "-t", id, "-c", file]);
  let child: ChildProcess | undefined;
  const killAtExit = (): void => void child?.kill("SIGKILL");
  process.on("exit", killAtExit);
  const start = async (): Promise<void> => {
    const started = spawn("java", ["-Xmx768m", "-XX:+UseSerialGC", "-cp", classes, "kafka.Kafka", file], {
      stdio: ["ignore", "ignore", "pipe"],
      cwd: folder,
    });
    child = started;
    let told = "";
    started.stderr.setEncoding("utf8").on("data", (text: string) => {
      told = (told + text).slice(-2000);
    });
    const end = performance.now() + 60_000;
    while (!((await answers(port!)) && (await knowsItself(port!)))) {
      if (started.exitCode !== null || performance.now() > end) throw new Error(`Kafka does not come up: ${told}`);
      await sleep(100);
    }
  };
  const end = async (signal: "SIGKILL" | "SIGTERM"): Promise<void> => {
    const ended = child;
    if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return;
    const closed = once(ended, "exit");
    ended.kill(signal);
    await closed;
  };
  const dispose = async (): Promise<void> => {
    await end("SIGKILL");
    process.removeListener("exit", killAtExit);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    broker: `127.0.0.1:${port}`,
    saslBroker: `127.0.0.1:${sasl}`,
    url: (topic) => `kafka://127.0.0.1:${port}/${topic}`,
    kill: () => end("SIGKILL"),
    stop: () => end("SIGTERM"),
    start,
    [Symbol.asyncDispose]: dispose,
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const done = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", () => done(true)).once("error", () => done(false));
  });
}

/** It listens a moment before it knows who the controller is. */
async function knowsItself(port: number): Promise<boolean> {
  mendKafkajs();
  const kafka = new kafkajs.Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { brokers, controller } = await admin.describeCluster();
    return brokers.length > 0 && controller !== null;
  } catch {
    return false;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

if (import.meta.main) {
  const folder = await makeKafka();
  process.stdout.write(`${folder}: ${readdirSync(join(folder, "lib")).length} jars\n`);
}
