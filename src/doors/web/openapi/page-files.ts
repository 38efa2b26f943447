// The style and the script of the page, kept as files under src/ui/docs/ and copied beside the compiled code of the package.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface PageFiles {
  readonly style: string;
  readonly script: string;
  /** The Content-Security-Policy that lets these two run, and nothing else. */
  readonly policy: string;
}

let kept: PageFiles | undefined;

/** Read when the first page is asked for. */
export function pageFiles(): PageFiles {
  kept ??= readPageFiles();
  return kept;
}

function readPageFiles(): PageFiles {
  const style = readText("docs-page.css");
  const script = readText("docs-page.js");
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return { style, script, policy: policy.join("; ") };
}

function readText(name: string): string {
  return readFileSync(new URL(`../../../ui/docs/${name}`, import.meta.url), "utf8");
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
