// The part of the heap that objects are made in.
import { setFlagsFromString } from "node:v8";

/**
 * It stays as large as it has become. V8 doubles it while many objects are made, up to 128 MiB on a machine with much memory, and gives
 * nothing of it back while it is busy. A thread is started with a limit; the one that runs the program can only be told not to grow.
 */
export function keepYoungGeneration(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
