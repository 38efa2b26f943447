// docs/lambda.md and docs/message-formats.md: what they show comes out.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { StreamSection } from "../../src/deployment/sections.ts";
import { openMessageShape } from "../../src/doors/stream/messages/open-message-shape.ts";
import { openService } from "../../src/serving/open-service.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(join(root, "docs/lambda.md"), "utf8");
const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\n([^\`]+)\n\`\`\``, "g"))].map((match) => match[1]!);

test("docs/lambda.md: the function on this machine answers what the page shows", async () => {
  const [start = "", ask = ""] = blocks("sh");
  const { RUN_ID: _, MODEL_URI: __, ...env } = process.env;
  const child = spawn("bash", ["-c", `exec env ${start} --port 0 --json`], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const { port } = JSON.parse(line) as { port: number };
    const [, file = "", url = ""] = /^curl -s -d @(\S+) (\S+)$/.exec(ask) ?? [];
    const body = readFileSync(join(root, file), "utf8");
    const response = await fetch(url.replace("localhost:8080", `127.0.0.1:${port}`), { method: "POST", body });
    assert.equal(await response.text(), blocks("json")[0]);
  } finally {
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  }
});

test("docs/lambda.md: its command writes the files that its table names", () => {
  const scratch = mkdtempSync(join(tmpdir(), "trimaran-docs-lambda-"));
  try {
    const out = join(scratch, "lambda");
    const line = blocks("sh")[2] ?? "";
    execFileSync("bash", ["-ec", line.replace("/tmp/ride-lambda", out)], { cwd: root, stdio: "pipe" });
    const table = /\| file \| is \|\n[\s\S]*?\n\n/.exec(page)?.[0] ?? "";
    const named = [...table.matchAll(/^\| (`.*?) \| /gm)].flatMap((row) =>
      [...row[1]!.matchAll(/`([^`]+)`/g)].map((name) => name[1]!.replace(/\/$/, "")),
    );
    const found = readdirSync(out).map((name) => name.replace(/^trimaran-.*\.tgz$/, "trimaran-<version>.tgz"));
    assert.deepEqual(found.sort(), [...named, "LAMBDA.md", ".trimaran-package.json"].sort());
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});

test("docs/message-formats.md: its messages are answered as its table says", async () => {
  const text = readFileSync(join(root, "docs/message-formats.md"), "utf8");
  const service = await openService(join(root, "examples/ride-duration"));
  const rows = [...text.matchAll(/^\| (as above|`\{[^|]*`) \| `(\{[^|]+)` \| `(\{[^|]+)` \|$/gm)];
  assert.equal(rows.length, 3);
  for (const [, section = "", message = "", answer = ""] of rows) {
    const said = section.startsWith("`") ? (JSON.parse(section.slice(1, -1)) as StreamSection) : undefined;
    const shape = openMessageShape(service, { section: said });
    const decoded = shape.decode({
      topic: "t",
      partition: 0,
      offset: 0n,
      key: null,
      value: Buffer.from(message),
      headers: [],
      timestamp: 0,
    });
    assert.ok(decoded.kind === "row");
    const answers = await service.answer([decoded.row]);
    assert.equal(Buffer.from(shape.encode(answers.value(0), decoded.carried, "7").value!).toString(), answer);
  }
  await service.close();
});
