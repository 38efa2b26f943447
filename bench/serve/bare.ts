// The floor under every service in Node: reads the same body, parses it, answers a constant. `node bare.ts PORT [WORKERS]`;
// with workers the port is shared by node:cluster.
import cluster from "node:cluster";
import { createServer } from "node:http";

const answer = '{"duration":22.625182479499}';
const [port, workers = "0"] = process.argv.slice(2);

if (cluster.isPrimary && workers !== "0") {
  for (let worker = 0; worker < Number(workers); worker++) cluster.fork();
  process.on("SIGTERM", () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.kill();
    process.exit(0);
  });
} else {
  createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const ride: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      const status = typeof ride === "object" && ride !== null && "trip_distance" in ride ? 200 : 422;
      response.writeHead(status, { "content-type": "application/json", "content-length": answer.length });
      response.end(answer);
    });
  }).listen(Number(port), "127.0.0.1");
}
