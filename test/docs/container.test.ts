// docs/container.md, executed as far as no image builder is needed: test/e2e/container builds and runs what this writes.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("docs/container.md: its command writes the files that its table names, with its lines in their README", () => {
  const text = readFileSync(join(root, "docs/container.md"), "utf8");
  const line = /```sh\n([^\n]+)\n```/.exec(text)?.[1] ?? "";
  assert.match(line, /^bin\/trimaran package /);
  const scratch = mkdtempSync(join(tmpdir(), "trimaran-docs-container-"));
  try {
    const out = join(scratch, "image");
    execFileSync("bash", ["-ec", line.replace("/tmp/ride-image", out)], { cwd: root, stdio: "pipe" });
    const rows = [...text.matchAll(/^\| (`.*?) \| /gm)].flatMap((match) => [...match[1]!.matchAll(/`([^`]+)`/g)]);
    const named = rows.map((match) => (match[1] ?? "").replace(/\/$/, ""));
    const found = readdirSync(out).map((name) => name.replace(/^trimaran-.*\.tgz$/, "trimaran-<version>.tgz"));
    assert.deepEqual(found.sort(), [...named, "README.md", ".trimaran-package.json"].sort());
    const readme = readFileSync(join(out, "README.md"), "utf8");
    for (const block of text.matchAll(/^(docker run|curl) .*$/gm)) assert.ok(readme.includes(block[0]), block[0]);
    assert.ok(readme.includes(/answers `[^`]+`/.exec(text)?.[0] ?? "none"));
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
