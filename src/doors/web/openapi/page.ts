// The page at /docs: one HTML text that needs nothing from anywhere else. It can be read without its script.
import type { PredictionService } from "../../../serving/prediction-service.ts";
import type { Door } from "../door.ts";
import type { Route } from "../route.ts";
import { escapeHtml, scriptJson } from "./html-text.ts";
import { pageFiles } from "./page-files.ts";
import { formOf } from "./page-form.ts";
import { type Example, examplesOf } from "./service-schemas.ts";

export interface Page {
  readonly text: string;
  /** Its Content-Security-Policy. */
  readonly policy?: string;
}

export interface ServicePage {
  readonly service: PredictionService;
  /** Its address names the service. */
  readonly named: boolean;
  /** How many folders below the root of the service its address is. */
  readonly depth: number;
  readonly door: Door;
  readonly routes: readonly Route[];
}

export function servicePage({ service, named, depth, door, routes }: ServicePage): Page {
  const { name, deployment } = service;
  const form = formOf(service);
  const examples = examplesOf(service);
  const up = "../".repeat(depth);
  const data = {
    predict: `${up}predict${named ? `/${encodeURIComponent(name)}` : ""}`,
    hasKeys: door.options.apiKeys.length > 0,
    fields: form.fields,
    examples,
    outputs: Object.entries(deployment?.output ?? {}).map(([output, { spec }]) => ({
      name: output,
      unit: "unit" in spec && spec.unit !== undefined ? spec.unit : "",
      description: spec.description ?? "",
    })),
  };
  const body = `<header class="top">
<div class="bar"><p class="brand">Trimaran</p>${servicesNav(service, { door, up })}<button id="theme" type="button" hidden>Dark</button></div>
<h1>${escapeHtml(name)}</h1>
${deployment?.description == null ? "" : `<p class="about">${escapeHtml(deployment.description)}</p>`}
${factsHtml(service)}
</header>
<main>
<noscript><p class="note">Without JavaScript this page can be read, and the line under “From a shell” used.</p></noscript>
<div class="columns">
<section aria-labelledby="ask"><h2 id="ask">Fill in a row</h2>
<div id="presets" class="presets" role="group" aria-label="Examples" hidden></div>
<form id="form" novalidate autocomplete="off">
${form.html}
<p class="actions"><button id="send" class="primary" type="submit" hidden>Predict</button></p>
</form></section>
<section aria-labelledby="told"><h2 id="told">Prediction</h2>
<div id="problem" class="problem" role="alert" tabindex="-1" hidden></div>
<div id="result" class="result" aria-live="polite"><p class="empty">The answer appears here.</p></div>
<h2 id="shell">From a shell</h2>
<div class="code"><pre id="curl" tabindex="0" aria-labelledby="shell">${escapeHtml(curlText(data.predict.replaceAll("../", ""), examples))}</pre>
<button id="copy" type="button" hidden>Copy</button></div>
</section></div>
${outputsHtml(data.outputs)}
<section aria-labelledby="routes"><h2 id="routes">Routes</h2>
<p>The machine-readable description of all of them is <a href="${up}openapi.json">openapi.json</a>.</p>
<ul class="routes">${routes.map(routeHtml).join("\n")}</ul></section>
</main>
<script type="application/json" id="data">${scriptJson(data)}</script>`;
  return wholePage(`${name} · Trimaran`, body);
}

/** Says nothing of what is served. The script asks for the page again with the key, which only it holds. */
export function lockedPage(): Page {
  const body = `<header class="top"><div class="bar"><p class="brand">Trimaran</p><button id="theme" type="button" hidden>Dark</button></div>
<h1>API key needed</h1></header>
<main><noscript><p class="note">This page needs JavaScript to send the key. <code>curl</code> does without it.</p></noscript>
<form id="unlock" class="narrow" novalidate>
<div class="field"><label for="key">API key</label>
<div class="control"><input id="key" type="password" autocomplete="off" spellcheck="false" aria-describedby="keyhint keyissue"></div>
<p class="hint" id="keyhint">It is kept in the memory of this page only, and gone when you close it.</p>
<p class="issue" id="keyissue" role="alert" hidden></p></div>
<p class="actions"><button class="primary" type="submit">Open</button></p></form></main>`;
  return wholePage("API key needed · Trimaran", body);
}

function wholePage(title: string, body: string): Page {
  const { style, script, policy } = pageFiles();
  const text = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath fill='%230b6e75' d='M1 9h14l-3 5H4zM7 1v7H2zM9 3l5 5H9z'/%3E%3C/svg%3E">
<style>${style}</style>
</head>
<body>
${body}
<script>${script}</script>
</body>
</html>
`;
  return { text, policy };
}

function servicesNav(service: PredictionService, { door, up }: { readonly door: Door; readonly up: string }): string {
  const { names } = door.catalog;
  if (names.length < 2) return "";
  const links = names.map((name) => {
    const current = name === service.name ? ' aria-current="page"' : "";
    return `<a href="${up}docs/${encodeURIComponent(name)}"${current}>${escapeHtml(name)}</a>`;
  });
  return `<nav aria-label="Services">${links.join(" ")}</nav>`;
}

function factsHtml({ model, models, definitionDigest }: PredictionService): string {
  const facts: (readonly [string, string])[] = [];
  if (model.version !== null) facts.push(["Version", model.version]);
  facts.push([models.length > 1 ? "Models" : "Model", short(model.digest)]);
  if (definitionDigest !== null) facts.push(["Definition", short(definitionDigest)]);
  const items = facts.map(([term, value]) => `<div><dt>${term}</dt><dd>${escapeHtml(value)}</dd></div>`);
  return `<dl class="facts">${items.join("")}</dl>`;
}

function short(digest: string): string {
  return digest.slice(0, 19);
}

interface ShownOutput {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

function outputsHtml(outputs: readonly ShownOutput[]): string {
  if (!outputs.some(({ description, unit }) => description !== "" || unit !== "")) return "";
  const items = outputs.map(({ name, unit, description }) => {
    const told = [description, unit === "" ? "" : `in ${unit}`].filter(Boolean).join(", ");
    return `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(told)}</dd></div>`;
  });
  return `<section aria-labelledby="answer"><h2 id="answer">What it answers</h2><dl class="facts">${items.join("")}</dl></section>`;
}

function routeHtml({ method, path, about }: Route): string {
  return `<li><code><b>${method}</b> ${escapeHtml(path)}</code> <span>${escapeHtml(about)}</span></li>`;
}

function isObjectRow(example: Example | undefined): boolean {
  const row = example?.input;
  return row === undefined || (typeof row === "object" && row !== null && !Array.isArray(row));
}

/** For readers without the script, which writes it anew with the page's own address. */
function curlText(path: string, examples: readonly Example[]): string {
  const row = examples[0]?.input ?? {};
  const body = JSON.stringify(isObjectRow(examples[0]) ? row : [row]).replaceAll("'", "'\\''");
  return `curl http://localhost:9696/${path} -H 'Content-Type: application/json' -d '${body}'`;
}
