// JSON Pointers (RFC 6901), the paths of every issue.

/** `/a~1b/0` for `["a/b", 0]`; `""` for no steps. */
export function jsonPointer(...steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
