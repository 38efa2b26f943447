// What the command line says of itself and of wrong usage.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { commands } from "../../src/cli/command-table.ts";
import { linear, ride, runCli } from "./run-in-process.ts";

describe("help", () => {
  test("lists every command", async () => {
    const { code, stdout, stderr } = await runCli(["--help"]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    for (const { name, says } of commands) assert.match(stdout, new RegExp(`${name} .*${says.slice(0, 20)}`));
  });

  test("is also given without a command and by `help COMMAND`", async () => {
    assert.match((await runCli([])).stdout, /Usage: trimaran/);
    assert.match((await runCli(["help", "serve"])).stdout, /Usage: trimaran serve/);
  });

  for (const command of commands) {
    test(`of ${command.name} names each flag with its variable, and shows examples`, async () => {
      const { code, stdout } = await runCli([command.name, "--help"]);
      assert.equal(code, 0);
      for (const { name } of command.flags) {
        assert.ok(stdout.includes(`--${name}`));
        assert.ok(stdout.replace(/\s+/g, " ").includes(`env: TRIMARAN_${name.toUpperCase().replaceAll("-", "_")}`));
      }
      assert.ok(stdout.includes("--json") && stdout.includes("--log-level"));
      assert.ok(command.examples.length >= 2);
      for (const { line } of command.examples) assert.ok(stdout.includes(line));
    });
  }

  test("prints the version of the package", async () => {
    assert.match((await runCli(["--version"])).stdout, /^\d+\.\d+\.\d+/);
  });
});

describe("wrong usage exits with 2", () => {
  const cases: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
    [["inspct", "x"], /^error: Unknown command 'inspct' \(Did you mean inspect\?\)\.\nfix: `trimaran --help`/],
    [
      ["serve", "x", "--prot", "1"],
      /^error: Unknown option '--prot' \(Did you mean --port\?\)\.\nfix: See `trimaran serve --help`/,
    ],
    [["serve", "x", "--port", "70000"], /--port must be a port, 0 to 65535/],
    [["serve", "x", "--body-limit", "big"], /--body-limit must be a size such as 16MiB/],
    [["serve", "x", "--request-timeout", "30"], /--request-timeout must be a time with its unit, such as 30s/],
    [["serve"], /Missing required argument 'TARGET'/],
    [["inspect"], /Missing required argument 'MODEL'/],
    [["inspect", "a", "b"], /Too many arguments/],
    [["inspect", ""], /MODEL is empty/],
    [["inspect", "deployment.ts"], /never opens a definition/],
    [["inspect", "x", "--log-level", "loud"], /--log-level must be one of debug, info, warn, error/],
    [["predict", "x", "--model", "a", "--model", "b"], /`?--model a`? and --model b cannot be used together/],
    [["predict", ride, "--method", "predict"], /--method and a definition cannot be used together/],
    [["init", linear, "-o", "/tmp/x.py"], /--output must be a folder/],
  ];
  for (const [argv, says] of cases) {
    test(argv.join(" ") || "(nothing)", async () => {
      const { code, stdout, stderr } = await runCli(argv);
      assert.match(stderr, says);
      assert.equal(stdout, "");
      assert.equal(code, 2);
    });
  }

  test("and with --json is one line for machines", async () => {
    const { code, stderr } = await runCli(["serve", "x", "--prot", "1", "--json"]);
    const { error } = JSON.parse(stderr) as { error: Record<string, unknown> };
    assert.deepEqual(Object.keys(error), ["code", "kind", "message", "fix", "issues"]);
    assert.equal(error["code"], "USAGE_INVALID");
    assert.equal(code, 2);
  });
});

describe("a variable stands for its flag", () => {
  test("TRIMARAN_JSON asks for JSON", async () => {
    const { stdout } = await runCli(["inspect", linear], { env: { TRIMARAN_JSON: "1" } });
    assert.equal((JSON.parse(stdout) as { ok: unknown }).ok, true);
  });

  test("and is checked like it", async () => {
    const { code, stderr } = await runCli(["serve", linear], { env: { TRIMARAN_PORT: "web" } });
    assert.match(stderr, /TRIMARAN_PORT must be a port/);
    assert.equal(code, 2);
  });
});

describe("errors", () => {
  test("are red on a terminal, unless NO_COLOR is set", async () => {
    const red = "\u001b[31m";
    const call = ["inspect", "nowhere.pkl"];
    assert.ok((await runCli(call, { terminal: true })).stderr.startsWith(red));
    assert.ok(!(await runCli(call, { terminal: true, env: { NO_COLOR: "1" } })).stderr.includes("\u001b"));
    assert.ok(!(await runCli(call)).stderr.includes("\u001b"));
  });

  test("have a stack only at log level debug", async () => {
    assert.doesNotMatch((await runCli(["inspect", "nowhere.pkl"])).stderr, /\n\s+at /);
    assert.match((await runCli(["inspect", "nowhere.pkl", "--log-level", "debug"])).stderr, /\n\s+at /);
  });
});
