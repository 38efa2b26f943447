// A Python process that is asked a command at a time: `peers/predict_peer.py`.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export type PeerKind = "linear" | "one-hot forest" | "dense" | "onnx" | "file";

export interface PeerModel {
  readonly name: string;
  readonly kind: PeerKind;
  readonly model: string;
  readonly rows: string;
  /** Where its answers to all rows are written, as doubles. */
  readonly out: string;
}

export interface Ran {
  readonly rows: number;
  readonly seconds: number;
}

export interface PythonPeer extends AsyncDisposable {
  /** Of scikit-learn. */
  readonly version: string;
  open(model: PeerModel): Promise<void>;
  run(name: string, way: string, seconds: number): Promise<Ran>;
}

export async function startPythonPeer(python: string): Promise<PythonPeer> {
  const script = fileURLToPath(new URL("../peers/predict_peer.py", import.meta.url));
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async (): Promise<Readonly<Record<string, unknown>>> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the Python peer ended");
    const answer = JSON.parse(value) as Readonly<Record<string, unknown>>;
    if (answer["error"] !== undefined) throw new Error(`the Python peer: ${String(answer["error"])}`);
    return answer;
  };
  const ask = async (command: object): Promise<Readonly<Record<string, unknown>>> => {
    child.stdin.write(`${JSON.stringify(command)}\n`);
    return await read();
  };
  const { sklearn } = await read();
  return {
    version: String(sklearn),
    async open(model) {
      await ask({ do: "open", ...model });
    },
    async run(name, way, seconds) {
      const { rows, seconds: took } = await ask({ do: "run", name, way, seconds });
      return { rows: Number(rows), seconds: Number(took) };
    },
    async [Symbol.asyncDispose]() {
      const closed = once(child, "close");
      child.stdin.end();
      await closed;
    },
  };
}
