// The URL that a service is shown under.

/** An address for all interfaces is shown as loopback. */
export function urlOf(of: { readonly host: string; readonly tls?: unknown }, port: number): string {
  const { host, tls } = of;
  const shown = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${tls === undefined ? "http" : "https"}://${shown.includes(":") ? `[${shown}]` : shown}:${port}`;
}
