// How fast a file of messages is answered, beside bare loops that parse and write the same lines; and what memory that takes.
//
//   npm run bench -- stream-file [--lines 1000000] [--rounds 3] [--memory 10000000] [--quick] [--json]
//
// The worked example, file to file, exactly once: each line is parsed, checked, made features, predicted and written, output and position
// are committed. The bare loops read the same file, JSON.parse each line, and write JSON.stringify of it: one with node:readline, as such
// a loop is written, and one that splits large chunks by itself. The contenders take turns; the whole process is timed but for its start.
// --memory N answers N lines more in one process and prints its resident memory on the way.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median, medianRatio, shown, tableText } from "./report/statistics.ts";

const { values: flags } = parseArgs({
  options: {
    lines: { type: "string" },
    rounds: { type: "string" },
    memory: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const lines = Number(flags.lines ?? (flags.quick ? 200_000 : 1_000_000));
const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 3));
const root = fileURLToPath(new URL("../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "trimaran-bench-stream-"));
try {
  await writeLines(join(folder, "in.ndjson"), lines);
  const ways = { stream: answerFile, readline: readlineLoop, split: splitLoop };
  const seconds: Record<keyof typeof ways, number[]> = { stream: [], readline: [], split: [] };
  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) seconds[name as keyof typeof ways].push(await way());
  }
  const ratio = medianRatio(seconds.readline, seconds.stream);
  const splitRatio = medianRatio(seconds.split, seconds.stream);
  const rate = (each: readonly number[]): number => Math.round(lines / median(each));
  const memory = flags.memory === undefined ? [] : await memoryOver(Number(flags.memory));
  if (flags.json) {
    const rates = { stream: rate(seconds.stream), readline: rate(seconds.readline), split: rate(seconds.split) };
    console.log(JSON.stringify({ lines, rounds, rates, ratio, splitRatio, memory }));
  } else {
    console.log(
      tableText([
        ["file → file", "lines/s", "stream ×"],
        ["trimaran stream", rate(seconds.stream).toLocaleString("en"), ""],
        ["bare loop, readline", rate(seconds.readline).toLocaleString("en"), shown(ratio)],
        ["bare loop, split chunks", rate(seconds.split).toLocaleString("en"), shown(splitRatio)],
      ]),
    );
    console.log(`target: at least 0.5 × a bare loop: ${ratio >= 0.5 ? "met" : "missed"}`);
    for (const { records, mebibytes } of memory) {
      console.log(`${records.toLocaleString("en")} records: ${mebibytes.toFixed(0)} MiB`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function writeLines(file: string, count: number): Promise<void> {
  const out = createWriteStream(file);
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let from = 0; from < count; from += 10_000) {
    let text = "";
    for (let id = from; id < Math.min(count, from + 10_000); id++) {
      const ride = `"PULocationID": ${1 + random(265)}, "DOLocationID": ${1 + random(265)}, "trip_distance": ${random(2000) / 100}`;
      text += `{"ride": {${ride}}, "ride_id": ${id}}\n`;
    }
    if (!out.write(text)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}

/** Seconds from the first record to the last commit, as the process itself says: its start is not measured. */
async function answerFile(): Promise<number> {
  for (const name of ["out.ndjson", "home"]) rmSync(join(folder, name), { recursive: true, force: true });
  const { child, started } = startStream(join(folder, "in.ndjson"), ["--until-end"]);
  await started;
  const begin = performance.now();
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`trimaran stream ended with ${code}`);
  return (performance.now() - begin) / 1000;
}

function startStream(input: string, options: readonly string[]) {
  const places = ["--from", input, "--to", join(folder, "out.ndjson"), "--home", join(folder, "home")];
  const args = [join(root, "bin/trimaran"), "stream", join(root, "examples/ride-duration"), ...places, ...options];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const started = new Promise<void>((resolve) => {
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (text.includes("Reading as group")) resolve();
    });
  });
  return { child, started };
}

async function readlineLoop(): Promise<number> {
  const begin = performance.now();
  const out = createWriteStream(join(folder, "bare.ndjson"));
  for await (const line of createInterface({ input: createReadStream(join(folder, "in.ndjson")) })) {
    if (!out.write(`${JSON.stringify(JSON.parse(line))}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
  return (performance.now() - begin) / 1000;
}

async function splitLoop(): Promise<number> {
  const begin = performance.now();
  const out = createWriteStream(join(folder, "bare.ndjson"));
  let rest = "";
  const input = createReadStream(join(folder, "in.ndjson"), { encoding: "utf8", highWaterMark: 1 << 20 });
  for await (const chunk of input) {
    const found = (rest + String(chunk)).split("\n");
    rest = found.pop() ?? "";
    let text = "";
    for (const line of found) text += `${JSON.stringify(JSON.parse(line))}\n`;
    if (!out.write(text)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
  return (performance.now() - begin) / 1000;
}

/** Resident memory of one process, ten times on the way. */
async function memoryOver(count: number): Promise<readonly { readonly records: number; readonly mebibytes: number }[]> {
  rmSync(join(folder, "out.ndjson"), { force: true });
  rmSync(join(folder, "home"), { recursive: true, force: true });
  const input = join(folder, "many.ndjson");
  await writeLines(input, count);
  const { child } = startStream(input, ["--until-end", "--metrics-port", "0", "--log-level", "info"]);
  let port = 0;
  child.stderr.on("data", (text: string) => {
    port = Number(/Metrics on port (\d+)/.exec(text)?.[1] ?? port);
  });
  const seen: { records: number; mebibytes: number }[] = [];
  while (child.exitCode === null) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (port === 0) continue;
    const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
      (response) => response.text(),
      () => "",
    );
    const records = Number(/^trimaran_stream_records_total\{.*\} (\d+)/m.exec(text)?.[1] ?? 0);
    if (records < ((seen.length + 1) * count) / 10) continue;
    const status = readFileSync(`/proc/${child.pid}/status`, { encoding: "utf8", flag: "r" });
    seen.push({ records, mebibytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024 });
  }
  return seen;
}
