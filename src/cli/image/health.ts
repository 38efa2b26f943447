// The image's HEALTHCHECK: exit code 0 when the service is ready. Node itself asks, since the image holds no curl. Its argument
// is the port that the service takes when the environment names none.
import process from "node:process";

const timeoutMs = 4000;
const { TRIMARAN_PORT, PORT } = process.env;
const port = TRIMARAN_PORT || PORT || process.argv[2] || "9696";
try {
  const { status } = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(timeoutMs) });
  process.exitCode = status === 200 ? 0 : 1;
} catch {
  process.exitCode = 1;
}
