// The scikit-learn version that wrote an object decides which of the library's past behaviours apply to it.

export interface SklearnVersion {
  readonly major: number;
  readonly minor: number;
  readonly text: string;
}

/** Reads `1.5.1`, `1.10.dev0`, `0.24.2`; null for anything else. */
export function parseVersion(text: string): SklearnVersion | null {
  const match = /^(\d{1,3})\.(\d{1,3})(?:[.\w+-]{0,40})$/.exec(text);
  return match === null ? null : { major: Number(match[1]), minor: Number(match[2]), text };
}

/** Whether the version is `major.minor` or newer. */
export function isSince(version: SklearnVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** What is taken where a file does not tell: an object without `_sklearn_version` and without an owner that has one. */
export const assumedVersion: SklearnVersion = { major: 1, minor: 9, text: "unknown" };
