// Which of two versions is newer: by number where both are numbers (10 is newer than 9), never by the order of their texts.

/** Negative where `one` is older. 0 where that cannot be said; a number is newer than a text. */
export function compareVersions(one: string, other: string): number {
  const numbers = [one, other].map(isVersionNumber);
  if (numbers[0] && numbers[1]) {
    const difference = BigInt(one) - BigInt(other);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return Number(numbers[0]) - Number(numbers[1]);
}

export function isVersionNumber(text: string): boolean {
  return /^\d{1,40}$/.test(text);
}
