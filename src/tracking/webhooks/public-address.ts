// Which addresses a webhook may reach: those of the public internet, also where another notation hides them.
import { BlockList, isIP, isIPv4 } from "node:net";

const refused = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  refused.addSubnet(network, prefix, "ipv4");
}
const unicast = new BlockList();
unicast.addSubnet("2000::", 3, "ipv6");
// Documentation, Teredo, 6to4 and benchmarks: nobody answers there, or an IPv4 address does.
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  refused.addSubnet(network, prefix, "ipv6");
}

export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  if (isIPv4(address)) return !refused.check(address, "ipv4");
  // IPv4 within IPv6 (::ffff:a.b.c.d, 64:ff9b::/96) and everything local lie outside of 2000::/3.
  return unicast.check(address, "ipv6") && !refused.check(address, "ipv6");
}
