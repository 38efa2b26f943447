// A process that stood still for longer than the session may last is out of the group, whatever it believes.

export function watchStall(sessionTimeoutMs: number, stalled: () => void): Disposable {
  let last = performance.now();
  const look = setInterval(
    () => {
      const now = performance.now();
      if (now - last > sessionTimeoutMs) stalled();
      last = now;
    },
    Math.min(500, sessionTimeoutMs / 4),
  );
  return { [Symbol.dispose]: () => clearInterval(look) };
}
