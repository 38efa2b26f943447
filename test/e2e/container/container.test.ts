// `trimaran package --for docker`, built by buildah, started in the mounted image as its own configuration says.
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../scripts/free-ports.ts";
import { root } from "../spawn-cli.ts";
import { buildah, makeBase, whyNot } from "./buildah.ts";

interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Cmd: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly StopSignal: string;
  readonly ExposedPorts: Readonly<Record<string, unknown>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

const reason = whyNot();
const body = '{"PULocationID":10,"DOLocationID":50,"trip_distance":40}';

describe("the image of the worked example", { skip: reason ?? false }, () => {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-container-"));
  const context = join(folder, "context");
  let container = "";
  let mounted = "";
  let config: ImageConfig;

  const build = (tag: string, ...options: readonly string[]): void => {
    const base = ["--build-arg", `BASE_IMAGE=${makeBase()}`];
    buildah("build", "--format", "docker", "--timestamp", "0", ...options, ...base, "--tag", tag, context);
  };
  const inspect = (tag: string): { readonly Docker: { readonly config: ImageConfig; readonly rootfs: unknown } } =>
    JSON.parse(buildah("inspect", "--type", "image", `localhost/${tag}`));

  before(() => {
    const args = ["bin/trimaran", "package", "examples/ride-duration", "--out", context, "--for", "docker,compose"];
    execFileSync(process.execPath, args, { cwd: root, stdio: "pipe" });
    build("trimaran-ride", "--layers");
    config = inspect("trimaran-ride").Docker.config;
    container = buildah("from", "localhost/trimaran-ride");
    mounted = buildah("mount", container);
  });

  after(() => {
    if (container !== "") buildah("rm", container);
    rmSync(folder, { recursive: true, force: true });
  });

  /** In a mount namespace of its own: nothing of it is left when it ends. The root is read-only. */
  function start(env: Readonly<Record<string, string>>): ChildProcess {
    const script = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && mount -t tmpfs tmpfs "$0/tmp" &&
      mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && exec chroot --userspec="$1" "$0" /usr/bin/env -i "\${@:2}"`;
    const given = [...config.Env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
    const command = [config.User, ...given, ...config.Entrypoint, ...config.Cmd];
    return spawn("unshare", ["-m", "bash", "-c", script, mounted, ...command], { stdio: ["ignore", "pipe", "pipe"] });
  }

  const health = (env: Readonly<Record<string, string>>): number | null => {
    const given = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const [kind, ...command] = config.Healthcheck.Test;
    assert.equal(kind, "CMD");
    const inside = ["/usr/bin/env", "-i", ...config.Env, ...given, ...command];
    return spawnSync("chroot", [`--userspec=${config.User}`, mounted, ...inside]).status;
  };

  test("says in its configuration who runs it, how, and what is inside", () => {
    assert.match(config.User, /^[1-9]\d*:[1-9]\d*$/);
    assert.deepEqual(Object.keys(config.ExposedPorts), ["9696/tcp"]);
    assert.equal(config.StopSignal, "SIGTERM");
    assert.deepEqual(config.Cmd.slice(-2), ["--host", "0.0.0.0"]);
    assert.match(config.Labels["io.trimaran.model.digest"] ?? "", /^sha256:[0-9a-f]{64}$/);
    assert.match(config.Labels["io.trimaran.definition.digest"] ?? "", /^sha256:[0-9a-f]{64}$/);
  });

  test("answers as Python does on the port of PORT, is healthy, and ends with 0 on SIGTERM beside keep-alive clients", async () => {
    const port = await freePort();
    const env = { PORT: String(port) };
    const service = start(env);
    let said = "";
    for (const stream of [service.stdout, service.stderr]) stream?.on("data", (part) => (said += String(part)));
    const ended = new Promise<number | null>((resolve) => service.once("close", resolve));
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    try {
      assert.equal(health(env), 1, "not yet");
      for (let tries = 0; health(env) !== 0; tries++) {
        assert.ok(tries < 100 && service.exitCode === null, said);
        await sleep(50);
      }
      const answers = await Promise.all([1, 2, 3, 4].map(() => ask(port, agent)));
      const recorded = JSON.parse(
        readFileSync(join(root, "examples/ride-duration/parity.ndjson"), "utf8").split("\n")[0] ?? "",
      ) as { readonly input: unknown; readonly output: unknown };
      assert.deepEqual(answers, Array(4).fill({ duration: 22.625182479499 }));
      assert.deepEqual(await ask(port, agent, JSON.stringify(recorded.input)), recorded.output);
      const status = readFileSync(`/proc/${service.pid}/status`, "utf8");
      assert.match(status, new RegExp(`^Uid:\\s+${config.User.split(":")[0]}\\b`, "m"));
      service.kill("SIGTERM");
      assert.equal(await ended, 0, said);
    } finally {
      agent.destroy();
      if (service.exitCode === null) service.kill("SIGKILL");
    }
  });

  test("opens the model that was prepared while it was built, and nothing in it may be changed by its user", () => {
    const [user = ""] = config.User.split(":");
    const files = execFileSync("find", [join(mounted, "app"), "-printf", "%U %m %T@ %P\n"], { encoding: "utf8" });
    const lines = files.trimEnd().split("\n");
    assert.ok(lines.some((line) => /\.trimaran\/graphs\/[0-9a-f]{64}\.graph$/.test(line)));
    for (const line of lines) {
      const [owner, mode, time = "", path = ""] = line.split(" ");
      assert.equal(Number(time), 0, line);
      assert.match(mode ?? "", /^(644|755|777)$/, line);
      if (owner === user) assert.match(path, /^\.trimaran/, line);
    }
    assert.deepEqual(
      lines.filter((line) => /\.(tgz|map|d\.ts)$/.test(line)),
      [],
    );
  });

  test("has the same layers when it is built again from nothing", () => {
    build("trimaran-ride-again", "--no-cache");
    assert.deepEqual(inspect("trimaran-ride-again").Docker.rootfs, inspect("trimaran-ride").Docker.rootfs);
    buildah("rmi", "localhost/trimaran-ride-again");
  });
});

function ask(port: number, agent: Agent, text = body): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/json" };
    const asked = request({ port, agent, path: "/predict", method: "POST", headers }, (answer) => {
      let got = "";
      answer.on("data", (part) => (got += String(part))).on("end", () => resolve(JSON.parse(got)));
    });
    asked.on("error", reject).end(text);
  });
}
