// `package`, in-process: what goes into the folder, what never does, and which folders are left alone.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { version } from "../../../src/cli/package-version.ts";
import { openDefinition } from "../../../src/deployment/open-definition.ts";
import { linear, ride, runCli } from "../run-in-process.ts";

const scratch = mkdtempSync(join(tmpdir(), "trimaran-package-command-"));
after(() => rmSync(scratch, { recursive: true }));

/** A tarball that says it is ours: what the folder holds of it does not depend on the rest. */
const tarball = join(scratch, "trimaran.tgz");
const manifest = JSON.stringify({ name: "trimaran", version: version() });
const header = Buffer.alloc(512);
header.write("package/package.json");
header.write(manifest.length.toString(8).padStart(11, "0"), 124);
writeFileSync(tarball, gzipSync(Buffer.concat([header, Buffer.from(manifest.padEnd(512, "\0")), Buffer.alloc(1024)])));

let count = 0;
const newFolder = (): string => join(scratch, `out-${++count}`);
const pack = (target: string, out: string, ...more: string[]) =>
  runCli(["package", target, "--out", out, "--for", "docker", "--trimaran", tarball, ...more]);

describe("package", () => {
  test("writes the definition in a place where its digest and its name stay, and the model's bytes as they are", async () => {
    const out = newFolder();
    const { code, stderr } = await pack(ride, out);
    assert.equal(code, 0, stderr);
    const copied = join(out, "app/ride-duration/deployment.ts");
    assert.equal((await openDefinition(copied)).digest, (await openDefinition(ride)).digest);
    assert.deepEqual(readFileSync(join(out, "app/ride-duration/lin_reg.bin")), readFileSync(linear));
    assert.match(
      readFileSync(join(out, "README.md"), "utf8"),
      /^docker build -t duration-prediction-service:v1 \.\ndocker run -it --rm -p 9696:9696 duration-prediction-service:v1$/m,
    );
  });

  test("writes the same bytes twice, and nothing of this machine", async () => {
    const [first, second] = [newFolder(), newFolder()];
    await pack(ride, first);
    await pack(ride, second);
    for (const name of readdirSync(first, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const path = join(name.parentPath, name.name);
      const text = readFileSync(path);
      assert.deepEqual(readFileSync(second + path.slice(first.length)), text, path);
      if (!path.endsWith(".bin")) assert.equal(text.includes(scratch) || text.includes(process.cwd()), false, path);
    }
  });

  test("takes modules and a model from outside the definition's folder along, and names the model anew", async () => {
    const project = join(scratch, "project");
    mkdirSync(join(project, "a"), { recursive: true });
    mkdirSync(join(project, "shared"), { recursive: true });
    writeFileSync(join(project, "shared/name.ts"), "export const pair = (a: number, b: number) => [a, b].join('_');\n");
    const text = readFileSync(join(ride, "deployment.ts"), "utf8")
      .replace("./lin_reg.bin", linear)
      .replace(/PU_DO: `.*`/, "PU_DO: pair(ride.PULocationID, ride.DOLocationID)");
    writeFileSync(join(project, "a/deployment.ts"), `import { pair } from "../shared/name.ts";\n${text}`);
    const out = newFolder();
    const { code, stderr } = await pack(join(project, "a"), out);
    assert.equal(code, 0, stderr);
    const app = readdirSync(join(out, "app"), { recursive: true })
      .map(String)
      .filter((path) => /\./.test(path));
    assert.deepEqual(app.sort(), ["a/deployment.ts", "models/model/lin_reg.bin", "shared/name.ts"]);
    const dockerfile = readFileSync(join(out, "Dockerfile"), "utf8");
    assert.match(dockerfile, /MODEL_URI="\/app\/deployment\/models\/model\/lin_reg\.bin"/);
  });

  test("keeps a folder of versions as one, with its newest version in it, and copies nothing of a model behind a server", async () => {
    const versions = join(scratch, "ride");
    for (const number of ["1", "3"]) cpSync(join(ride, "forest"), join(versions, number), { recursive: true });
    const out = newFolder();
    const { code, stderr } = await pack(versions, out);
    assert.equal(code, 0, stderr);
    assert.deepEqual(readdirSync(join(out, "app/ride")), ["3"]);
    assert.ok(existsSync(join(out, "app/ride/3/MLmodel")));
    assert.match(readFileSync(join(out, "Dockerfile"), "utf8"), /^CMD \["serve", "\/app\/deployment\/ride", /m);
    const remote = newFolder();
    assert.equal((await pack("oip+http://models:8000/v2/models/m", remote)).code, 0);
    const dockerfile = readFileSync(join(remote, "Dockerfile"), "utf8");
    assert.match(dockerfile, /^CMD \["serve", "oip\+http:\/\/models:8000\/v2\/models\/m", /m);
    assert.doesNotMatch(dockerfile, /^COPY app/m);
  });

  test("replaces what it wrote, and no other folder", async () => {
    const out = newFolder();
    assert.equal((await pack(ride, out)).code, 0);
    assert.equal((await pack(linear, out)).code, 0);
    assert.equal(existsSync(join(out, "app/ride-duration")), false);
    writeFileSync(join(out, "app/mine.txt"), "mine");
    const added = await pack(linear, out, "--json");
    assert.deepEqual([added.code, JSON.parse(added.stderr).error.code], [1, "PACKAGE_FOLDER"]);
    assert.equal(readFileSync(join(out, "app/mine.txt"), "utf8"), "mine");
    const other = newFolder();
    mkdirSync(other);
    writeFileSync(join(other, "x"), "");
    for (const place of [other, process.cwd(), "/", join(other, "x")]) {
      const refused = await pack(linear, place, "--json");
      assert.deepEqual([refused.code, JSON.parse(refused.stderr).error.code], [1, "PACKAGE_FOLDER"], place);
    }
    assert.deepEqual(
      readdirSync(scratch).filter((name) => name.startsWith(".")),
      [],
    );
  });

  test("refuses a password in a model's URI, and a model that is not read, before it writes anything", async () => {
    const out = newFolder();
    const secret = await pack("oip+http://ana:geheim@models/v2/models/m", out);
    assert.match(secret.stderr, /would be written into the folder/);
    assert.doesNotMatch(secret.stderr, /geheim/);
    assert.equal((await pack(join(scratch, "none.pkl"), out)).code, 1);
    assert.equal(existsSync(out), false);
  });

  test("says what is missing or not known on the command line", async () => {
    assert.match((await runCli(["package", ride, "--for", "docker"])).stderr, /--out DIR is missing/);
    assert.match((await runCli(["package", ride, "--out", "x"])).stderr, /--for is missing: docker, compose/);
    const wrong = await runCli(["package", ride, "--out", "x", "--for", "dokcer"]);
    assert.match(wrong.stderr, /did you mean docker\?/);
    assert.equal(wrong.code, 2);
    assert.match((await pack(ride, newFolder(), "--image", "A b")).stderr, /--image must be/);
    const strange = join(scratch, "strange.tgz");
    writeFileSync(strange, "no tarball");
    const args = ["package", ride, "--out", newFolder(), "--for", "docker", "--trimaran", strange];
    assert.match((await runCli(args)).stderr, /is no tarball of trimaran/);
  });
});
