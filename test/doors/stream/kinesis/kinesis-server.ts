// A server that takes PutRecords as Kinesis does, and refuses what a test tells it to: what the emulator never does.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface KinesisServer extends AsyncDisposable {
  readonly url: string;
  /** What is in, by stream, in order. */
  readonly streams: Map<string, { readonly data: string; readonly partitionKey: string }[]>;
  /** Records of each call. */
  readonly calls: number[];
  /** Whether a record is refused, by its data. */
  refuses: (data: string) => boolean;
  /** Answers whole calls with this status and error; null: as it should. */
  fault: { readonly status: number; readonly type: string } | null;
}

interface PutRecords {
  readonly StreamName: string;
  readonly Records: readonly { readonly Data: string; readonly PartitionKey: string }[];
}

export async function startKinesis(): Promise<KinesisServer> {
  const streams: KinesisServer["streams"] = new Map();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { StreamName, Records } = JSON.parse(Buffer.concat(chunks).toString()) as PutRecords;
      kinesis.calls.push(Records.length);
      const { fault } = kinesis;
      if (fault !== null) {
        response.writeHead(fault.status, { "content-type": "application/x-amz-json-1.1" });
        response.end(JSON.stringify({ __type: fault.type, message: "as told" }));
        return;
      }
      const stream = streams.get(StreamName) ?? [];
      streams.set(StreamName, stream);
      let failed = 0;
      const results = Records.map(({ Data, PartitionKey }) => {
        const data = Buffer.from(Data, "base64").toString();
        if (kinesis.refuses(data)) {
          failed++;
          return { ErrorCode: "ProvisionedThroughputExceededException", ErrorMessage: "Rate exceeded" };
        }
        stream.push({ data, partitionKey: PartitionKey });
        return { SequenceNumber: String(stream.length), ShardId: "shardId-000000000000" };
      });
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ FailedRecordCount: failed, Records: results }));
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const kinesis: KinesisServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    streams,
    calls: [],
    refuses: () => false,
    fault: null,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return kinesis;
}
