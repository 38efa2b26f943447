// The script of the page at /docs: reads the form, asks the service, shows what it answers. It runs in a browser as it stands
// here; its types are checked by src/ui/docs/tsconfig.json. Whatever comes from outside becomes text, never HTML.

/**
 * @typedef {{ name: string, kind: "number" | "text" | "choice" | "json" | "auto", optional: boolean, nullable: boolean }} Field
 * @typedef {{ input: unknown, output?: unknown }} Example
 * @typedef {{ name: string, unit: string, description: string }} Output
 * @typedef {{ predict: string, hasKeys: boolean, fields: Field[] | null, examples: Example[], outputs: Output[] }} PageData
 * @typedef {{ path: string, message: string }} Issue
 * @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control
 */

/** The API key, where one was asked for; it lives nowhere else. @type {string} */
let apiKey = "";

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no #${id}`);
  return found;
}

/** @param {string} tag @param {string} [text] @param {string} [className] @returns {HTMLElement} */
function make(tag, text = "", className = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (className !== "") element.className = className;
  return element;
}

function startTheme() {
  const button = byId("theme");
  const root = document.documentElement;
  const isDark = () =>
    root.dataset["theme"] === undefined
      ? matchMedia("(prefers-color-scheme: dark)").matches
      : root.dataset["theme"] === "dark";
  const name = () => {
    button.textContent = isDark() ? "Light mode" : "Dark mode";
  };
  button.addEventListener("click", () => {
    root.dataset["theme"] = isDark() ? "light" : "dark";
    name();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  name();
  button.hidden = false;
}

/** Asks for the page again with the key, and puts it into the place of this one. */
function startLocked() {
  const box = /** @type {HTMLInputElement} */ (byId("key"));
  const issue = byId("keyissue");
  byId("unlock").addEventListener("submit", async (event) => {
    event.preventDefault();
    issue.hidden = true;
    box.removeAttribute("aria-invalid");
    try {
      const reply = await fetch(location.href, { headers: { "x-api-key": box.value.trim(), accept: "text/html" } });
      if (!reply.ok) throw new Error(reply.status === 401 ? "The service does not know this key." : await reply.text());
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      apiKey = box.value.trim();
      document.title = page.title;
      document.body.replaceWith(document.adoptNode(page.body));
      start();
      const heading = document.querySelector("h1");
      heading?.setAttribute("tabindex", "-1");
      heading?.focus();
    } catch (error) {
      issue.textContent = error instanceof TypeError ? "The service cannot be reached." : String(Object(error).message);
      issue.hidden = false;
      box.setAttribute("aria-invalid", "true");
      box.focus();
    }
  });
}

/** @param {PageData} data */
function startForm(data) {
  const form = /** @type {HTMLFormElement} */ (byId("form"));
  const showCurl = () => {
    byId("curl").textContent = curlLine(data, readForm(data).body);
  };
  fill(data, data.examples[0]);
  showCurl();
  startPresets(data, showCurl);
  form.addEventListener("input", showCurl);
  form.addEventListener("change", () => {
    for (const [index, { nullable }] of (data.fields ?? []).entries()) {
      if (nullable) controlAt(index).disabled = nullBox(index).checked;
    }
    showCurl();
  });
  const button = /** @type {HTMLButtonElement} */ (byId("send"));
  button.hidden = false;
  let asked = 0;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const turn = ++asked;
    const { body, issues } = readForm(data);
    clearIssues();
    if (issues.length > 0) {
      showProblem("", issues, data);
      return;
    }
    byId("result").setAttribute("aria-busy", "true");
    const outcome = await ask(data, body);
    if (turn !== asked) return;
    byId("result").removeAttribute("aria-busy");
    if ("problem" in outcome) showProblem(outcome.problem, outcome.issues, data);
    else showAnswer(outcome, data);
  });
  startCopy();
}

/** @param {PageData} data @param {() => void} filled */
function startPresets({ examples, ...data }, filled) {
  if (examples.length === 0) return;
  const group = byId("presets");
  for (const [index, example] of examples.slice(0, 12).entries()) {
    const button = make("button", `Example ${index + 1}`);
    button.setAttribute("type", "button");
    button.addEventListener("click", () => {
      fill({ examples, ...data }, example);
      clearIssues();
      filled();
    });
    group.append(button);
  }
  const empty = make("button", "Clear");
  empty.setAttribute("type", "button");
  empty.addEventListener("click", () => {
    fill({ examples, ...data }, undefined);
    clearIssues();
    filled();
  });
  group.append(empty);
  group.hidden = false;
}

/** @param {number} index @returns {Control} */
function controlAt(index) {
  return /** @type {Control} */ (byId(`f${index}`));
}

/** @param {number} index @returns {HTMLInputElement} */
function nullBox(index) {
  return /** @type {HTMLInputElement} */ (byId(`n${index}`));
}

/** @param {PageData} data @param {Example | undefined} example */
function fill({ fields }, example) {
  if (fields === null) {
    controlAt(0).value = example === undefined ? "" : JSON.stringify(example.input, null, 2);
    return;
  }
  const row = /** @type {Record<string, unknown>} */ (Object(example?.input));
  for (const [index, { name, kind, nullable }] of fields.entries()) {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    const control = controlAt(index);
    control.value = value === undefined || value === null ? "" : shownIn(kind, value);
    if (!nullable) continue;
    nullBox(index).checked = value === null;
    control.disabled = value === null;
  }
}

/** @param {Field["kind"]} kind @param {unknown} value */
function shownIn(kind, value) {
  if (kind === "choice") return JSON.stringify(value);
  if (kind === "json") return JSON.stringify(value, null, 1);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/**
 * The body as text: numbers go out with the digits that were typed.
 * @param {PageData} data
 * @returns {{ body: string, issues: Issue[] }}
 */
function readForm({ fields }) {
  if (fields === null) {
    const text = controlAt(0).value;
    const problem = jsonProblem(text);
    // A body is an object or an array of rows: a row that is itself an array, or a bare text, stands inside of one.
    const body = text.trim().startsWith("{") ? text : `[${text}]`;
    return {
      body: problem === "" ? body.trim() : "{}",
      issues: problem === "" ? [] : [{ path: "", message: problem }],
    };
  }
  /** @type {string[]} */
  const members = [];
  /** @type {Issue[]} */
  const issues = [];
  for (const [index, { name, kind, optional, nullable }] of fields.entries()) {
    const key = JSON.stringify(name);
    const path = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    const text = controlAt(index).value;
    if (nullable && nullBox(index).checked) members.push(`${key}: null`);
    else if (text === "" && (optional || kind !== "text")) continue;
    else if (kind === "json" && jsonProblem(text) !== "")
      issues.push({ path, message: `${name}: ${jsonProblem(text)}` });
    else members.push(`${key}: ${valueText(kind, text)}`);
  }
  return { body: `{${members.join(", ")}}`, issues };
}

/** @param {Field["kind"]} kind @param {string} text */
function valueText(kind, text) {
  const trimmed = text.trim();
  const isNumber = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(trimmed);
  if (kind === "choice") return trimmed;
  if (kind === "json") return JSON.stringify(JSON.parse(text));
  if (kind === "number" && isNumber) return trimmed;
  if (kind === "auto" && (isNumber || trimmed === "true" || trimmed === "false")) return trimmed;
  return JSON.stringify(text);
}

/** @param {string} text @returns {string} empty when it is JSON */
function jsonProblem(text) {
  try {
    JSON.parse(text);
    return "";
  } catch {
    return "This is not JSON.";
  }
}

/** @param {PageData} data @param {string} body */
function curlLine({ predict, hasKeys }, body) {
  const key = hasKeys ? ` \\\n  -H "X-API-Key: $API_KEY"` : "";
  const quoted = `'${body.replaceAll("'", "'\\''")}'`;
  return `curl ${new URL(predict, location.href).href} \\\n  -H 'Content-Type: application/json'${key} \\\n  -d ${quoted}`;
}

/**
 * @typedef {{ output: Record<string, unknown>, meta: { model_version?: string, prediction_id: string, warnings: Warning[] },
 *   text: string, ms: number, requestId: string }} Answer
 * @typedef {{ code: string, field: string, count: number }} Warning
 * @param {PageData} data @param {string} body
 * @returns {Promise<Answer | { problem: string, issues: Issue[] }>}
 */
async function ask({ predict }, body) {
  /** @type {Record<string, string>} */
  const headers = { "content-type": "application/json" };
  if (apiKey !== "") headers["x-api-key"] = apiKey;
  const since = performance.now();
  try {
    const reply = await fetch(`${new URL(predict, location.href).href}?meta=true`, { method: "POST", headers, body });
    const text = await reply.text();
    const ms = performance.now() - since;
    const value = parseExact(text);
    if (!reply.ok) {
      const { title, detail, fix, issues = [] } = Object(value);
      const told = [detail ?? title ?? `The service answered ${reply.status}.`, issues.length > 0 ? "" : fix];
      return { problem: told.filter(Boolean).join(" "), issues };
    }
    const { output, meta } = Object(Array.isArray(value) ? value[0] : value);
    return { output, meta, text, ms, requestId: reply.headers.get("x-request-id") ?? "" };
  } catch (error) {
    const told =
      error instanceof TypeError ? "The service cannot be reached." : "The service answered what is no JSON.";
    return { problem: told, issues: [] };
  }
}

/** Whole numbers beyond 2^53 stay the digits that came. @param {string} text @returns {unknown} */
function parseExact(text) {
  /** @type {(key: string, value: unknown, context?: { source?: string }) => unknown} */
  const keep = (_key, value, context) =>
    typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? (context?.source ?? value)
      : value;
  return JSON.parse(text, keep);
}

/** @param {Answer} answer @param {PageData} data */
function showAnswer({ output, meta, text, ms, requestId }, { outputs }) {
  const result = byId("result");
  result.replaceChildren();
  const list = make("dl", "", "answer fresh");
  for (const [name, value] of Object.entries(output)) {
    const unit = outputs.find((known) => known.name === name)?.unit ?? "";
    const plain = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
    const shown = make("dd", plain, plain.length > 30 ? "long" : "");
    if (unit !== "") shown.append(" ", make("small", unit));
    list.append(make("dt", name), shown);
  }
  result.append(list);
  for (const warning of meta.warnings) result.append(warningNote(warning));
  const facts = make("dl", "", "meta");
  /** @type {[string, string][]} */
  const entries = [
    ["Model version", meta.model_version ?? "not named"],
    ["Prediction id", meta.prediction_id],
    ["Request id", requestId],
    ["Time", `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`],
  ];
  for (const [name, value] of entries) facts.append(make("dt", name), make("dd", value));
  const details = make("details");
  details.append(make("summary", "As JSON"), make("pre", text));
  result.append(facts, details);
  // On a narrow screen the answer stands below the form.
  result.scrollIntoView({ block: "nearest" });
}

/** @param {Warning} warning */
function warningNote({ code, field }) {
  const note = make("p", "", "note");
  if (code === "unseen_category") {
    note.append(
      make("b", "Unseen category"),
      ` in ${field}: the model met no such value in training, and answered without it.`,
    );
  } else if (code === "unknown_field") {
    note.append(make("b", "Unknown field"), ` ${field}: it was ignored.`);
  } else {
    note.append(make("b", code.replaceAll("_", " ")), ` in ${field}`);
  }
  return note;
}

/** Each issue at its field, and all of them in one place that takes the focus. @param {string} text @param {Issue[]} issues @param {PageData} data */
function showProblem(text, issues, { fields }) {
  const box = byId("problem");
  const count = issues.length === 1 ? "One problem in the row." : `${issues.length} problems in the row.`;
  box.replaceChildren(make("strong", issues.length > 0 ? count : text));
  const list = make("ul");
  for (const { path, message } of issues.slice(0, 50)) {
    const name = pathSteps(path).find((step, at) => !(at === 0 && fields === null && /^\d+$/.test(step)));
    const index = fields === null ? 0 : fields.findIndex((field) => field.name === name);
    const item = make("li");
    if (index >= 0) {
      const link = make("a", message);
      link.setAttribute("href", `#f${index}`);
      link.addEventListener("click", (event) => {
        event.preventDefault();
        controlAt(index).focus();
      });
      item.append(link);
      markField(index, message);
    } else {
      item.textContent = path === "" ? message : `${path}: ${message}`;
    }
    list.append(item);
  }
  if (issues.length > 0) box.append(list);
  box.hidden = false;
  byId("result").replaceChildren(make("p", "No prediction: see what is wrong above.", "empty"));
  box.focus();
}

/** @param {number} index @param {string} message */
function markField(index, message) {
  const place = byId(`e${index}`);
  place.textContent = place.hidden ? message : `${place.textContent} ${message}`;
  place.hidden = false;
  controlAt(index).setAttribute("aria-invalid", "true");
}

function clearIssues() {
  byId("problem").hidden = true;
  for (const place of document.querySelectorAll(".issue")) {
    if (place instanceof HTMLElement) place.hidden = true;
  }
  for (const control of document.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
}

/** The steps of a JSON Pointer. @param {string} path */
function pathSteps(path) {
  return path
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function startCopy() {
  const button = byId("copy");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(byId("curl").textContent ?? "");
      button.textContent = "Copied";
    } catch {
      // Pages that did not come over TLS have no clipboard.
      getSelection()?.selectAllChildren(byId("curl"));
      button.textContent = "Selected";
    }
    setTimeout(() => {
      button.textContent = "Copy";
    }, 2000);
  });
}

function start() {
  startTheme();
  const data = document.getElementById("data");
  if (data === null) startLocked();
  else startForm(/** @type {PageData} */ (JSON.parse(data.textContent ?? "{}")));
}

start();
