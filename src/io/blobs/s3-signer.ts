// URLs that carry their own signature (AWS Signature Version 4, in the query): whoever has one may do that one thing until it expires.
//
//   StringToSign = "AWS4-HMAC-SHA256" \n time \n date/region/s3/aws4_request \n hex(sha256(CanonicalRequest))
//   CanonicalRequest = method \n path \n query, sorted \n "host:" host \n \n "host" \n "UNSIGNED-PAYLOAD"
//   key = HMAC(HMAC(HMAC(HMAC("AWS4" + secret, date), region), "s3"), "aws4_request")
// (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html)
import { createHash, createHmac } from "node:crypto";

export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface SignedRequest {
  readonly method: "GET" | "PUT";
  /** Undefined: AWS itself. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Up to a week. */
  readonly seconds: number;
  readonly now: Date;
}

export function signedUrl(request: SignedRequest, keys: SigningKeys): string {
  const { method, region, seconds, now, query = {} } = request;
  const { origin, host, path } = placeOf(request);
  const time = `${now.toISOString().replace(/[-:]|\.\d{3}/g, "")}`;
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const parameters: Record<string, string> = {
    ...query,
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${keys.accessKeyId}/${scope}`,
    "X-Amz-Date": time,
    "X-Amz-Expires": String(seconds),
    "X-Amz-SignedHeaders": "host",
    ...(keys.sessionToken === undefined ? {} : { "X-Amz-Security-Token": keys.sessionToken }),
  };
  const sorted = Object.entries(parameters)
    .map(([name, value]) => [escaped(name), escaped(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const canonical = [method, path, sorted, `host:${host}`, "", "host", "UNSIGNED-PAYLOAD"].join("\n");
  const text = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const key = [time.slice(0, 8), region, "s3", "aws4_request"].reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${keys.secretAccessKey}`,
  );
  return `${origin}${path}?${sorted}&X-Amz-Signature=${createHmac("sha256", key).update(text).digest("hex")}`;
}

/** A store beside AWS has no host name for each bucket, and a bucket with dots no certificate. */
function placeOf({ endpoint, region, bucket, key }: SignedRequest): {
  readonly origin: string;
  readonly host: string;
  readonly path: string;
} {
  const inPath = endpoint !== undefined || bucket.includes(".");
  const base = new URL(endpoint ?? `https://${inPath ? "" : `${bucket}.`}s3.${region}.amazonaws.com`);
  const before = base.pathname.replace(/\/+$/, "");
  const path = `${before}/${inPath ? `${bucket}/` : ""}${key.split("/").map(escaped).join("/")}`;
  return { origin: base.origin, host: base.host, path };
}

/** All but the unreserved characters. */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
