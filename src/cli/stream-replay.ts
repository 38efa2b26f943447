import type { CommandCall } from "./command.ts";
export async function replay(_: CommandCall): Promise<number> {
  return 1;
}
