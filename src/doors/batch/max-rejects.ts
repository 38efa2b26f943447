// How many rows may be rejected before a job fails: a number of them, or a share of the rows that the filter kept.
export type MaxRejects =
  | { readonly kind: "rows"; readonly rows: number }
  | { readonly kind: "share"; readonly share: number };

/** `1%`, `0.5%`, `100`; null: neither. */
export function parseMaxRejects(text: string): MaxRejects | null {
  const [, percent] = /^(\d+(?:\.\d+)?)\s*%$/.exec(text.trim()) ?? [];
  if (percent !== undefined) {
    const share = Number(percent) / 100;
    return share <= 1 ? { kind: "share", share } : null;
  }
  return /^\d+$/.test(text.trim()) ? { kind: "rows", rows: Number(text) } : null;
}

export function maxRejectsText(limit: MaxRejects): string {
  return limit.kind === "rows" ? `${limit.rows}` : `${Number((limit.share * 100).toPrecision(6))} %`;
}

/** `rows` are those that were rejected or written; of a job that goes on, those that there may be at most. */
export function isOver(
  limit: MaxRejects | null,
  { rejected, rows }: { readonly rejected: number; readonly rows: number },
): boolean {
  if (limit === null) return false;
  return limit.kind === "rows" ? rejected > limit.rows : rejected > limit.share * rows;
}
