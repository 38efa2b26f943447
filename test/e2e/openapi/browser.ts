// A real Chromium, driven over its DevTools protocol without a driver package.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const chromium: string | undefined = [
  process.env["TRIMARAN_CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/google-chrome",
].find((path) => path !== "" && existsSync(path));

export interface BrowserPage extends AsyncDisposable {
  /** Everything that the page's console and its policy complained about. */
  readonly complaints: readonly string[];
  /** Every address that was asked for. */
  readonly requests: readonly string[];
  open(url: string): Promise<void>;
  /** The value of an expression, awaited; it must be JSON. */
  evaluate<Value>(expression: string): Promise<Value>;
  /** Until the expression is true. */
  until(expression: string): Promise<void>;
  press(key: "Tab" | "Enter" | "Space"): Promise<void>;
  type(text: string): Promise<void>;
  emulate(options: { readonly scheme?: "light" | "dark"; readonly width?: number }): Promise<void>;
  screenshot(): Promise<Buffer>;
}

const keys = {
  Tab: { key: "Tab", code: "Tab", windowsVirtualKeyCode: 9 },
  Enter: { key: "Enter", code: "Enter", windowsVirtualKeyCode: 13, text: "\r" },
  Space: { key: " ", code: "Space", windowsVirtualKeyCode: 32, text: " " },
} as const;

export async function openBrowser(): Promise<BrowserPage> {
  const folder = mkdtempSync(join(tmpdir(), "trimaran-chromium-"));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
  const child = spawn(
    chromium ?? "",
    [...flags, "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"],
    { stdio: "ignore" },
  );
  const send = await connect(child, folder);
  const complaints: string[] = [];
  const requests: string[] = [];
  send.on("Runtime.consoleAPICalled", (event) => complaints.push(JSON.stringify(event)));
  send.on("Runtime.exceptionThrown", (event) => complaints.push(JSON.stringify(event)));
  // A refused request is the service's answer, and no fault of the page.
  send.on("Log.entryAdded", ({ entry }) => {
    if (Object(entry).source !== "network") complaints.push(JSON.stringify(entry));
  });
  send.on("Network.requestWillBeSent", ({ request }) => requests.push(String(Object(request).url)));
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  const evaluate = async <Value>(expression: string): Promise<Value> => {
    const answer = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (answer["exceptionDetails"] !== undefined) throw new Error(JSON.stringify(answer["exceptionDetails"]));
    return Object(answer["result"]).value as Value;
  };
  const until = async (expression: string): Promise<void> => {
    for (let turn = 0; turn < 400; turn++) {
      if ((await evaluate<unknown>(expression)) === true) return;
      await sleep(50);
    }
    throw new Error(`it never became true: ${expression}`);
  };
  return {
    complaints,
    requests,
    evaluate,
    until,
    async open(url) {
      await send("Page.navigate", { url });
      await until(`location.href === ${JSON.stringify(url)} && document.readyState === "complete"`);
    },
    async press(name) {
      await send("Input.dispatchKeyEvent", { type: "keyDown", ...keys[name] });
      await send("Input.dispatchKeyEvent", { type: "keyUp", ...keys[name] });
    },
    type: async (text) => void (await send("Input.insertText", { text })),
    async emulate({ scheme = "light", width = 1200 }) {
      await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
      await send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
    },
    async screenshot() {
      const { data } = await send("Page.captureScreenshot", { format: "png" });
      return Buffer.from(String(data), "base64");
    },
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await gone;
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

type Message = Readonly<Record<string, unknown>>;

interface Send {
  (method: string, params?: Message): Promise<Message>;
  on(method: string, listener: (params: Message) => void): void;
}

async function connect(child: ChildProcess, folder: string): Promise<Send> {
  const file = join(folder, "DevToolsActivePort");
  for (let turn = 0; turn < 400 && !existsSync(file); turn++) await sleep(50);
  await sleep(100);
  const port = readFileSync(file, "utf8").split("\n")[0];
  const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const socket = new WebSocket(targets.find(({ type }) => type === "page")!.webSocketDebuggerUrl);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
    child.once("exit", reject);
  });
  const waiting = new Map<number, PromiseWithResolvers<Message>>();
  const listeners = new Map<string, (params: Message) => void>();
  socket.onmessage = ({ data }) => {
    const { id, method, params, result, error } = JSON.parse(String(data));
    if (method !== undefined) listeners.get(method)?.(params);
    else if (error === undefined) waiting.get(id)?.resolve(result);
    else waiting.get(id)?.reject(new Error(error.message));
    waiting.delete(id);
  };
  let last = 0;
  const send = (method: string, params: Message = {}): Promise<Message> => {
    const id = ++last;
    const answer = Promise.withResolvers<Message>();
    waiting.set(id, answer);
    socket.send(JSON.stringify({ id, method, params }));
    return answer.promise;
  };
  return Object.assign(send, {
    on: (method: string, listener: (params: Message) => void) => listeners.set(method, listener),
  }) as Send;
}
