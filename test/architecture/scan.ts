// Reads one source file with a real parser: what it imports, in every form, and the syntax that the rules look for.
import { parseSync } from "oxc-parser";

export interface ImportSite {
  readonly line: number;
  /** Undefined when it is computed: `import(path)`. */
  readonly specifier: string | undefined;
}

export interface SourceFacts {
  readonly imports: readonly ImportSite[];
  readonly anyLines: readonly number[];
  readonly enumLines: readonly number[];
  readonly defaultExportLines: readonly number[];
  readonly beginsWithComment: boolean;
  readonly lineCount: number;
  /** The parser's own words, when the file cannot be read. */
  readonly syntaxError: string | undefined;
}

interface AstNode {
  readonly type: string;
  readonly start: number;
  readonly source?: AstNode | null;
  readonly expression?: AstNode;
  readonly value?: unknown;
  readonly exported?: { readonly name?: string; readonly value?: string };
}

export function scanSource(name: string, text: string): SourceFacts {
  const { program, comments, errors } = parseSync(name, text, { lang: "ts", sourceType: "module" });
  const lineAt = lineFinder(text);
  const imports: ImportSite[] = [];
  const anyLines: number[] = [];
  const enumLines: number[] = [];
  const defaultExportLines: number[] = [];
  walk(program, (node) => {
    const line = lineAt(node.start);
    const from = importedFrom(node);
    if (from !== undefined) imports.push({ line, specifier: literal(from) });
    if (node.type === "TSAnyKeyword") anyLines.push(line);
    if (node.type === "TSEnumDeclaration") enumLines.push(line);
    if (node.type === "ExportDefaultDeclaration" || node.type === "TSExportAssignment") defaultExportLines.push(line);
    if (node.type === "ExportSpecifier" && (node.exported?.name ?? node.exported?.value) === "default") {
      defaultExportLines.push(line);
    }
  });
  for (const comment of comments) {
    const reference = /^\/\s*<reference\s+(?:path|types)\s*=\s*["']([^"']+)["']/.exec(comment.value);
    if (reference !== null) imports.push({ line: lineAt(comment.start), specifier: reference[1] });
  }
  const first = comments[0];
  return {
    imports,
    anyLines,
    enumLines,
    defaultExportLines,
    beginsWithComment: first !== undefined && text.slice(0, first.start).trim() === "" && first.value.trim() !== "",
    lineCount: text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0),
    syntaxError: errors[0]?.message,
  };
}

/** The specifier's node: of imports and re-exports, `import()`, `import("x").T` and `import x = require("x")`. */
function importedFrom(node: AstNode): AstNode | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
    case "ImportExpression":
    case "TSImportType":
      return node.source ?? undefined;
    case "TSExternalModuleReference":
      return node.expression;
    default:
      return undefined;
  }
}

function literal(node: AstNode): string | undefined {
  if (typeof node.value === "string") return node.value;
  const parts = node as { readonly quasis?: readonly { readonly value: { readonly cooked?: string } }[] };
  return node.type === "TemplateLiteral" && parts.quasis?.length === 1 ? parts.quasis[0]?.value.cooked : undefined;
}

function walk(value: unknown, visit: (node: AstNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, visit);
    return;
  }
  if (value === null || typeof value !== "object") return;
  if ("type" in value && typeof value.type === "string" && "start" in value) visit(value as AstNode);
  for (const child of Object.values(value)) if (typeof child === "object") walk(child, visit);
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}
