// Numbers as people read them in English text.

/** A whole number with its thousands parted: `69,399`. `toLocaleString` loads 15 ms of locales for it. */
export function counted(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ",");
}
