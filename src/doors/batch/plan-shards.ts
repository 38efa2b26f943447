// Which rows make a shard: whole row groups where they are small, equal parts of them where they are large.

import type { ShardTask } from "./shard.ts";
import type { PreparedFile } from "./unit-inputs.ts";

/** DuckDB's own row group. */
export const groupRows = 122_880;

/** In the order of the files and their rows. Without any row there is one shard of none: it makes the schema. */
export function planShards(files: readonly PreparedFile[], shardRows: number): readonly ShardTask[] {
  const tasks: ShardTask[] = [];
  for (const { shardFile: file, groups } of files) {
    for (const { start, end } of rangesOf(groups, shardRows)) tasks.push({ index: tasks.length, file, start, end });
  }
  const [first] = files;
  if (tasks.length === 0 && first !== undefined) tasks.push({ index: 0, file: first.shardFile, start: 0, end: 0 });
  return tasks;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function rangesOf(groups: readonly number[], shardRows: number): readonly Range[] {
  const ranges: Range[] = [];
  let start = 0;
  let end = 0;
  const close = (): void => {
    if (end > start) ranges.push({ start, end });
    start = end;
  };
  for (const rows of groups) {
    if (end > start && end - start + rows > shardRows) close();
    const parts = Math.max(1, Math.ceil(rows / shardRows));
    if (parts === 1) {
      end += rows;
      continue;
    }
    const groupStart = end;
    for (let part = 1; part <= parts; part++) {
      end = groupStart + Math.floor((rows * part) / parts);
      close();
    }
  }
  close();
  return ranges;
}
