// docs/cli.md is what the table of commands says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { cliDocs } from "../../scripts/cli-docs.ts";
import { commands } from "../../src/cli/command-table.ts";
import { environmentName } from "../../src/cli/flag.ts";

const page = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");

test("docs/cli.md is generated from the commands; `npm run docs` writes it anew", () => {
  assert.equal(page, cliDocs());
});

test("docs/cli.md names every command, flag and variable", () => {
  for (const { name, flags } of commands) {
    assert.ok(page.includes(`## trimaran ${name}\n`), name);
    for (const flag of flags) {
      assert.ok(page.includes(`--${flag.name}`), flag.name);
      assert.ok(page.includes(`\`${environmentName(flag)}\``), flag.name);
    }
  }
});
