// docs/tutorial-mlflow.md, executed: with our tracking server as it stands there, and its Python part with MLflow's own server and with
// ours. On the real rides where ../shared is, else on those of the example.
//
//   ```sh             is run, what it exports stays; ```sh python  with the real MLflow; ```sh shown  is only shown
//   ```sh serves X    goes on in the background; ```sh ends X  ends it first
//   ```json number    the answer, where NUMBER is any number; `python`: the number that Python printed
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort } from "../../scripts/free-ports.ts";
import { peers } from "../e2e/mlflow-client/environments.ts";
import { mlflowPeer } from "../e2e/mlflow-tracking/environments.ts";
import { sharedPath } from "../golden/shared-data.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/tutorial-mlflow.md"), "utf8");

interface Block {
  readonly language: string;
  readonly words: readonly string[];
  readonly text: string;
}

const blocks: readonly Block[] = [...page.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, info = "", text = ""]) => {
  const [language = "", ...words] = info.split(" ");
  return { language, words, text };
});
const pythonAt = blocks.findIndex(({ language }) => language === "python");
const month = sharedPath("rides/green_tripdata_2022-01.parquet");
const rides = existsSync(month) ? month : "examples/ride-duration/trips.csv";
const peer = await mlflowPeer(peers[0]!);

/** One reader who goes through the page: a folder, a shell's variables, what runs in other terminals. */
class Reader implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "trimaran-tutorial-"));
  readonly #running = new Map<string, ChildProcess>();
  readonly #ports: { readonly tracking: number; readonly service: number };
  readonly #env: NodeJS.ProcessEnv;
  #said = "";
  output = "";

  static async open(env: NodeJS.ProcessEnv = {}): Promise<Reader> {
    return new Reader({ tracking: await freePort(), service: await freePort() }, env);
  }

  private constructor(ports: { readonly tracking: number; readonly service: number }, env: NodeJS.ProcessEnv) {
    this.#ports = ports;
    this.#env = {
      ...process.env,
      PATH: `${join(root, "bin")}:${process.env["PATH"]}`,
      NO_COLOR: "1",
      HOME: this.folder,
      ...env,
    };
    symlinkSync(join(root, "examples"), join(this.folder, "examples"));
    writeFileSync(join(this.folder, "state.sh"), "");
  }

  get trackingUrl(): string {
    return `http://localhost:${this.#ports.tracking}`;
  }

  async run(text: string): Promise<void> {
    const script = `source state.sh\n${this.#local(text)}\nexport -p > state.sh; export -f >> state.sh; declare -p RIDES >> state.sh 2>/dev/null || true`;
    const options = { cwd: this.folder, env: this.#env, maxBuffer: 1 << 24 };
    const { stdout } = await promisify(execFile)("bash", ["-eu", "-o", "pipefail", "-c", script], options);
    this.output = stdout;
  }

  async start(name: string, text: string): Promise<void> {
    const script = `source state.sh\nexec ${this.#local(text).trim()}${name === "service" ? ` --port ${this.#ports.service}` : ""}`;
    const child = spawn("bash", ["-c", script], {
      cwd: this.folder,
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data: Buffer) => {
        this.#said += data.toString();
      });
    }
    this.#running.set(name, child);
    const health =
      name === "service" ? `http://localhost:${this.#ports.service}/health/ready` : `${this.trackingUrl}/health`;
    await this.#answers(health, child);
  }

  async end(name: string): Promise<void> {
    const child = this.#running.get(name);
    this.#running.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "close");
    child.kill("SIGINT");
    await ended;
  }

  async runId(): Promise<string> {
    return /RUN_ID="([0-9a-f]{32})"/.exec(readFileSync(join(this.folder, "state.sh"), "utf8"))?.[1] ?? "none";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of [...this.#running.keys()]) await this.end(name);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #local(text: string): string {
    return text
      .replaceAll("--port 5001", `--port ${this.#ports.tracking}`)
      .replaceAll("localhost:5001", `localhost:${this.#ports.tracking}`)
      .replaceAll("localhost:9696", `localhost:${this.#ports.service}`)
      .replace(/^RIDES=\S+/m, `RIDES=${rides}`);
  }

  async #answers(url: string, child: ChildProcess): Promise<void> {
    const end = performance.now() + 120_000;
    while (performance.now() < end && child.exitCode === null) {
      const ok = await fetch(url).then(
        (response) => response.ok,
        () => false,
      );
      if (ok) return;
      await sleep(50);
    }
    throw new Error(`${url} does not answer: ${this.#said}`);
  }
}

async function follow(reader: Reader, from: readonly Block[]): Promise<void> {
  for (const { language, words, text } of from) {
    const [word, name = ""] = words;
    if (language === "python" && word !== undefined) writeFileSync(join(reader.folder, word), text);
    else if (language === "sh" && word === "serves") await reader.start(name, text);
    else if (language === "sh" && word !== "shown") {
      if (word === "ends") await reader.end(name);
      if (text.trim() !== "") await reader.run(text);
    } else if (language === "text") assert.ok(reader.output.includes(text.trim()), reader.output);
    else if (language === "json") await expectAnswer(reader, text, word === "python");
  }
}

async function expectAnswer(reader: Reader, expected: string, isPythons: boolean): Promise<void> {
  const answer = JSON.parse(reader.output) as { readonly duration: number };
  const number = isPythons
    ? (readFileSync(join(reader.folder, "trained.txt"), "utf8").trim().split("\n").at(-2) ?? "none")
    : String(answer.duration);
  assert.ok(answer.duration > 1 && answer.duration < 60);
  assert.deepEqual(answer, JSON.parse(expected.replace("NUMBER", number).replace("RUN_ID", await reader.runId())));
}

describe("docs/tutorial-mlflow.md", { timeout: 600_000 }, () => {
  test("leads from a tracking server to a service that outlives it, without Python", async () => {
    await using reader = await Reader.open();
    await follow(reader, blocks.slice(0, pythonAt));
  });

  for (const whose of ["MLflow's", "our"] as const) {
    test(`does the same with scikit-learn and ${whose} server`, { skip: peer.skip }, async () => {
      await using reader = await Reader.open();
      const flags =
        "--backend-store-uri sqlite:///mlflow.db --artifacts-destination ./artifacts --host 127.0.0.1 --port 5001";
      await reader.start(
        "tracking",
        whose === "our" ? `trimaran tracking ${flags}` : `${peer.python} -m mlflow server ${flags} --workers 1`,
      );
      // What `python` is, and fewer rides: scikit-learn takes minutes for a month of them.
      const python = `python() { ${peer.python} "$@"; }; export -f python`;
      await reader.run(
        `${python}\nexport MLFLOW_TRACKING_URI=http://localhost:5001\nRIDES=examples/ride-duration/trips.csv`,
      );
      await follow(reader, blocks.slice(pythonAt));
    });
  }
});
