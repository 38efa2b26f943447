// `GET /openapi.json` and `GET /docs`: complete, of this deployment, and safe with names that mean harm.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { readApiKeys } from "../../../../src/doors/web/access.ts";
import { fixedCatalog } from "../../../../src/serving/catalog.ts";
import { openService } from "../../../../src/serving/open-service.ts";
import type { PredictionService } from "../../../../src/serving/prediction-service.ts";
import { smallService, type TestDoor, testDoor } from "../fixtures.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
  readonly security?: unknown;
}

interface Document {
  readonly openapi: string;
  readonly security?: unknown;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly securitySchemes?: unknown;
  };
}

async function documentOf({ web }: TestDoor, headers: Readonly<Record<string, string>> = {}): Promise<Document> {
  const response = await fetch(`${web.url}/openapi.json`, { headers });
  assert.equal(response.status, 200);
  return (await response.json()) as Document;
}

describe("the OpenAPI document", () => {
  let everyKind: PredictionService;
  let ride: PredictionService;
  let door: TestDoor;

  before(async () => {
    everyKind = await openService(`${root}test/fixtures/every-kind`);
    ride = await openService(`${root}examples/ride-duration`);
    door = await testDoor({ services: [everyKind, ride] });
  });
  after(async () => {
    await door[Symbol.asyncDispose]();
    await everyKind.close();
    await ride.close();
  });

  test("holds every route that is served, and none that is not, beside the paths of each service", async () => {
    const index = (await (await fetch(door.web.url)).json()) as {
      routes: { method: string; path: string; about: string }[];
    };
    const { paths } = await documentOf(door);
    const found = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const own = ["POST /predict/every-kind", "POST /predict/ride-duration"];
    assert.deepEqual(found.sort(), [...index.routes.map(({ method, path }) => `${method} ${path}`), ...own].sort());
    for (const { method, path, about } of index.routes) {
      const operation = paths[path]?.[method.toLowerCase()];
      assert.equal(operation?.summary, about, path);
      const sound = Object.keys(operation.responses).some((status) => /^[25]/.test(status));
      assert.ok(sound, `${method} ${path} has no answer`);
      assert.ok(
        !("*/*" in Object(Object(operation.responses["200"])["content"])),
        `${method} ${path} is not described`,
      );
    }
  });

  test("tells every kind of field with its limits, defaults, units and examples", async () => {
    const { components } = await documentOf(door);
    const { properties, required, additionalProperties, examples } = components.schemas["Row.every-kind"] as {
      properties: Record<string, Record<string, unknown>>;
      required: string[];
      additionalProperties: boolean;
      examples: unknown[];
    };
    assert.equal(additionalProperties, false);
    assert.deepEqual(required, ["trip_distance", "free_number", "vendor", "payment"]);
    assert.deepEqual(examples, [{ trip_distance: 3.66, free_number: null, vendor: "x", payment: "cash" }]);
    const row = properties as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    assert.deepEqual(row["trip_distance"], {
      type: "number",
      minimum: 0,
      maximum: 1000,
      "x-unit": "mile",
      description: "In mile.",
    });
    assert.deepEqual(row["free_number"], { type: ["number", "null"] });
    assert.deepEqual(row["passengers"], {
      type: "integer",
      minimum: 1,
      maximum: 9,
      description: "People <b>in</b> the car",
      default: 1,
    });
    assert.deepEqual(row["any_integer"], { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 });
    assert.deepEqual(row["vendor"], { type: "string", minLength: 1, maxLength: 12 });
    assert.deepEqual(row["zone"], { type: ["integer", "null"], enum: [1, 2, 3, null] });
    assert.equal(row["at"]?.["format"], "date-time");
    assert.equal(row["at"]?.["default"], "2021-03-01T08:30:00Z");
    assert.equal(row["day"]?.["x-maximum"], "2050-12-31");
    assert.deepEqual(row["tags"], {
      type: "array",
      items: { type: "string", maxLength: 5 },
      minItems: 1,
      maxItems: 3,
      default: ["a"],
    });
    assert.equal(row["place"]?.["additionalProperties"], false);
    assert.deepEqual(row["place"]?.["required"], ["lat", "lon"]);
    assert.deepEqual(row["constructor"], { type: "number", default: 0 });
    const answer = components.schemas["Answer.every-kind"] as { properties: Record<string, unknown> };
    assert.deepEqual(Object.keys(answer.properties), ["duration", "flag", "label", "model_version"]);
  });

  test("names the codes of each status, and problem documents", async () => {
    const { paths } = await documentOf(door);
    const { responses } = paths["/predict"]!["post"]!;
    assert.deepEqual(Object.keys(responses), [
      "200",
      "400",
      "403",
      "404",
      "408",
      "413",
      "415",
      "422",
      "431",
      "500",
      "503",
      "504",
    ]);
    for (const [status, code] of Object.entries({
      400: "REQUEST_NOT_JSON",
      413: "REQUEST_TOO_LARGE",
      422: "REQUEST_INVALID",
      503: "SERVICE_BUSY",
    })) {
      assert.match(responses[status]!.description, new RegExp(`\`${code}\``));
    }
    assert.equal(paths["/invocations"]?.["post"]?.responses["422"], undefined);
  });

  test("is sent again only when something else is served", async () => {
    const first = await fetch(`${door.web.url}/openapi.json`);
    const etag = first.headers.get("etag") ?? "";
    assert.match(etag, /^"[\w-]+"$/);
    const again = await fetch(`${door.web.url}/openapi.json`, { headers: { "if-none-match": `W/"other", ${etag}` } });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
    await using other = await testDoor({ services: [ride] });
    assert.notEqual((await fetch(`${other.web.url}/openapi.json`)).headers.get("etag"), etag);
  });

  test("follows the catalog when a version is exchanged", async () => {
    let version = "1";
    const catalog = { ...fixedCatalog([smallService()]), find: () => services.get(version), versions: () => [version] };
    const services = new Map(["1", "2"].map((each) => [each, smallService({ version: each })]));
    await using swapped = await testDoor({ catalog });
    assert.equal(((await documentOf(swapped)) as unknown as { info: { version: string } }).info.version, "1");
    version = "2";
    assert.equal(((await documentOf(swapped)) as unknown as { info: { version: string } }).info.version, "2");
  });

  test("names the security schemes when keys are on, and is itself locked; the page shows nothing without a key", async () => {
    const sha = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"; // key
    await using locked = await testDoor({ services: [everyKind], apiKeys: readApiKeys(`test sha256:${sha}`) });
    assert.equal((await fetch(`${locked.web.url}/openapi.json`)).status, 401);
    const document = await documentOf(locked, { "x-api-key": "key" });
    assert.deepEqual(document.security, [{ bearer: [] }, { apiKey: [] }]);
    assert.deepEqual(Object.keys(Object(document.components.securitySchemes)), ["bearer", "apiKey"]);
    assert.deepEqual(document.paths["/health/live"]?.["get"]?.security, []);
    assert.ok("401" in document.paths["/predict"]!["post"]!.responses);
    const page = await fetch(`${locked.web.url}/docs/secret-name`);
    const text = await page.text();
    assert.equal(page.status, 401);
    assert.doesNotMatch(text, /every-kind|trip_distance|secret-name/);
    const opened = await fetch(`${locked.web.url}/docs`, { headers: { authorization: "Bearer key" } });
    assert.equal(opened.status, 200);
    assert.match(await opened.text(), /trip_distance/);
  });

  test("bounds what a model of a huge vocabulary shows", async () => {
    const categories = Array.from({ length: 20_000 }, (_, index) => `c${index}`);
    const features = ["__proto__", ...Array.from({ length: 3000 }, (_, index) => `f${index}`)].map((name) => ({
      name,
      numeric: false,
      categories,
    }));
    const huge = { ...smallService(), input: { kind: "records" as const, features } };
    await using wide = await testDoor({ services: [huge] });
    const text = await (await fetch(`${wide.web.url}/openapi.json`)).text();
    assert.ok(text.length < 600_000, `${text.length}`);
    const { properties } = (JSON.parse(text) as Document).components.schemas["Row.small"] as {
      properties: Record<string, { "x-known-category-count": number }>;
    };
    assert.ok(Object.hasOwn(properties, "__proto__"));
    assert.equal(properties["f0"]?.["x-known-category-count"], 20_000);
    assert.ok((await (await fetch(`${wide.web.url}/docs`)).text()).length < 600_000);
  });
});

describe("the page at /docs", () => {
  test("needs nothing from anywhere, and lets only its own style and script run", async () => {
    await using door = await testDoor();
    const response = await fetch(`${door.web.url}/docs`);
    const html = await response.text();
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.doesNotMatch(html, /\son\w+=|<script src|<link rel="stylesheet"|@import/i);
    assert.equal((await fetch(`${door.web.url}/docs/small`)).status, 200);
    assert.equal((await fetch(`${door.web.url}/docs/other`)).status, 404);
    assert.equal(
      (await fetch(`${door.web.url}/docs`, { headers: { "if-none-match": response.headers.get("etag") ?? "" } }))
        .status,
      304,
    );
  });

  test("shows names and descriptions that mean harm as text", async () => {
    const service = await openService(`${root}test/fixtures/every-kind`);
    await using door = await testDoor({ services: [service] });
    const html = await (await fetch(`${door.web.url}/docs`)).text();
    assert.equal(html.match(/<\/script>/g)?.length, 2, "the data and the script, and no other");
    assert.doesNotMatch(html, /<img|<b>in<\/b>|<script>alert/);
    assert.match(html, /People &#60;b&#62;in&#60;\/b&#62; the car/);
    const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
    const { fields } = JSON.parse(data) as { fields: { name: string }[] };
    assert.ok(fields.some(({ name }) => name === "</script><a/b~c>"));
    await service.close();
  });

  test("finds its service from every address that leads to it", async () => {
    await using door = await testDoor();
    for (const path of ["/docs", "/docs/", "/docs/small", "/docs/small/", "/docs/?x=1"]) {
      const html = await (await fetch(door.web.url + path)).text();
      const data = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? "";
      const { predict } = JSON.parse(data) as { readonly predict: string };
      assert.match(new URL(predict, door.web.url + path).pathname, /^\/predict(\/small)?$/, path);
      const link = /<a href="([^"]*openapi\.json)"/.exec(html)?.[1] ?? "";
      assert.equal(new URL(link, door.web.url + path).pathname, "/openapi.json", path);
    }
  });

  test("a method that no route takes is a 405, QUERY too", async () => {
    await using door = await testDoor();
    for (const method of ["DELETE", "QUERY"]) {
      const response = await fetch(`${door.web.url}/docs`, { method });
      assert.deepEqual([response.status, response.headers.get("allow")], [405, "GET, HEAD"], method);
    }
  });
});
