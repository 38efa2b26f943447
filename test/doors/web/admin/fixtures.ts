// A real `trimaran serve` with an admin port, a client for it, and models of the worked example with other intercepts.
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { rideModel } from "../../../serving/slot/fixtures.ts";
import { type Folder, folder, type Running, serve } from "../fleet/fixtures.ts";

/** The example's answer for `features`; that of version N is N minutes more. */
export const features = { PU_DO: "130_205", trip_distance: 3.66 };

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of it, it says.
  readonly json: any;
}

export interface Call {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default 127.0.0.1 */
  readonly host?: string;
}

export function call(
  port: number,
  path: string,
  { method = "GET", body, headers = {}, host }: Call = {},
): Promise<Reply> {
  const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  const sent = {
    ...(text === "" ? {} : { "content-type": "application/json" }),
    "content-length": Buffer.byteLength(text),
  };
  return new Promise((resolve, reject) => {
    const asked = request(
      { port, host: host ?? "127.0.0.1", path, method, headers: { ...sent, ...headers } },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const all = Buffer.concat(chunks).toString();
          const { statusCode: status = 0, headers } = answer;
          resolve({
            status,
            headers,
            text: all,
            json: all !== "" && /json/.test(headers["content-type"] ?? "") ? JSON.parse(all) : null,
          });
        });
      },
    );
    asked.on("error", reject);
    asked.end(text);
  });
}

export interface Administered extends Running {
  readonly token: string;
  readonly home: string;
  admin(method: string, path: string, body?: unknown): Promise<Reply>;
  /** Asks for a prediction of `features`: the version that answered, and the minutes. */
  ask(
    id?: string,
    name?: string,
  ): Promise<{ readonly version: string; readonly minutes: number; readonly status: number }>;
}

export async function administered(args: readonly string[], place: Folder): Promise<Administered> {
  const home = `${place.path}/home`;
  const running = await serve([...args, "--admin-port", "0", "--home", home]);
  const token = (await readFile(`${home}/admin.token`, "utf8")).trim();
  const port = running.adminPort ?? 0;
  return Object.assign(running, {
    token,
    home,
    admin: (method: string, path: string, body?: unknown) =>
      call(port, `/admin${path}`, { method, body, headers: { authorization: `Bearer ${token}` } }),
    ask: async (id?: string, name?: string) => {
      const headers: Readonly<Record<string, string>> = id === undefined ? {} : { "x-prediction-id": id };
      const path = name === undefined ? "/predict" : `/predict/${name}`;
      const {
        status,
        json,
        headers: got,
      } = await call(running.port, path, { method: "POST", body: features, headers });
      return { status, version: String(got["x-model-version"]), minutes: json.predict as number };
    },
  });
}

/** A folder of numbered versions of the ride's model. */
export async function versionsOf(numbers: readonly number[]): Promise<Folder & { readonly models: string }> {
  const made = await folder();
  const { mkdir, writeFile } = await import("node:fs/promises");
  for (const number of numbers) {
    await mkdir(`${made.path}/ride/${number}`, { recursive: true });
    await writeFile(`${made.path}/ride/${number}/model.bin`, await rideModel(number));
  }
  return Object.assign(made, { models: `${made.path}/ride` });
}

export async function addVersion(models: string, number: number, content?: string): Promise<void> {
  const { mkdir, rename, writeFile } = await import("node:fs/promises");
  await mkdir(`${models}/.next`, { recursive: true });
  await writeFile(`${models}/.next/model.bin`, content ?? (await rideModel(number)));
  await rename(`${models}/.next`, `${models}/${number}`);
}
