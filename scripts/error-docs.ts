// The text of docs/errors.md, made from the error table.
import type { ErrorRow } from "../src/base/errors.ts";

const head = `# Errors

Every error has a stable code, a kind, a message and a fix. Names in braces are filled in. \`npm run docs\` writes this
page from \`src/base/error-table.ts\`; a test holds both equal.
`;

/** One section an area, which is the first word of its codes. */
export function errorDocs(table: Readonly<Record<string, ErrorRow>>): string {
  const areas = Map.groupBy(Object.entries(table), ([code]) => code.split("_", 1)[0] ?? code);
  const sections = [...areas].map(([area, rows]) => `## ${area}\n\n${rows.map(entry).join("\n")}`);
  return `${[head, ...sections].join("\n").trimEnd()}\n`;
}

function entry([code, { kind, message, fix }]: readonly [string, ErrorRow]): string {
  return `- **${code}** (${kind}): ${message}  \n  Fix: ${fix}\n`;
}
