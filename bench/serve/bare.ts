// The floor under every service in Node: reads the same body, parses it, answers a constant. `node bare.ts PORT`.
import { createServer } from "node:http";

const answer = '{"duration":22.625182479499}';

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const ride: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const status = typeof ride === "object" && ride !== null && "trip_distance" in ride ? 200 : 422;
    response.writeHead(status, { "content-type": "application/json", "content-length": answer.length });
    response.end(answer);
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
