// Node's threads for work outside of JavaScript: files, digests, DuckDB.
import process from "node:process";

/** A file is read while another one is written. */
const fewest = 2;

/**
 * Node starts four with the first work for them, whatever the machine. Each keeps memory of its own, so a job with fewer threads
 * takes less; one with more would wait. What the user's environment says (`UV_THREADPOOL_SIZE`) stands; threads that work already stay.
 */
export function setNativeThreads(threads: number): void {
  process.env["UV_THREADPOOL_SIZE"] ??= String(Math.max(fewest, threads));
}
