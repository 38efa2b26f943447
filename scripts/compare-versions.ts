// The order of version numbers: 0.24.2 before 1.10.0.

export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
