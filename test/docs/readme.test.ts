// The README's tour, executed: every `sh` block runs in a copy of the checkout, and prints what the next block says.
//
//   ```sh          run it; ```sh serve  run it while the worked example serves; ```sh norun  only shown
//   ```json        the whole standard output (JSON lines are compared as text); `contains`: some of it
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const port = 19_696;

interface Block {
  readonly language: string;
  readonly words: readonly string[];
  readonly text: string;
}

interface Step {
  readonly script: string;
  readonly serves: boolean;
  readonly expected: Block | null;
}

const steps = readSteps(readFileSync(`${root}/README.md`, "utf8"));

describe("README", () => {
  let service: ChildProcess;
  before(async () => {
    service = spawn("bin/trimaran", ["serve", "examples/ride-duration", "--port", String(port)], {
      cwd: root,
      stdio: "ignore",
    });
    await untilReady();
  });
  after(() => {
    service.kill("SIGTERM");
  });

  test("has a tour", () => {
    assert.ok(steps.length >= 5);
  });

  for (const step of steps) {
    test(`runs ${step.script.split("\n")[0]?.slice(0, 90)}`, async () => {
      // Another test may hold the example's own port.
      const script = step.serves ? step.script.replaceAll(":9696", `:${port}`) : step.script;
      const { code, stdout, stderr } = await run(script);
      assert.equal(code, 0, stderr);
      if (step.expected === null) return;
      const text = step.expected.text.trim();
      if (step.expected.words.includes("contains")) assert.ok(stdout.includes(text), `${text} is not in:\n${stdout}`);
      else assert.equal(stdout.trim(), text);
    });
  }
});

function readSteps(markdown: string): readonly Step[] {
  const blocks = [...markdown.matchAll(/^```([^\n]*)\n(.*?)^```$/gms)].map(([, info = "", text = ""]): Block => {
    const [language = "", ...words] = info.split(" ");
    return { language, words, text };
  });
  return blocks.flatMap((block, index): Step[] => {
    if (block.language !== "sh" || block.words.includes("norun")) return [];
    const next = blocks[index + 1];
    const expected = next !== undefined && next.language !== "sh" ? next : null;
    return [{ script: block.text, serves: block.words.includes("serve"), expected }];
  });
}

async function run(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn("bash", ["-euo", "pipefail", "-c", script], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  return { code, stdout, stderr };
}

async function untilReady(): Promise<void> {
  for (let attempt = 0; attempt < 1200; attempt++) {
    const response = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => undefined);
    if (response?.ok === true) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the worked example does not become ready");
}
