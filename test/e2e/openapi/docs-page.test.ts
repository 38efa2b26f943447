// The page at /docs in real Chromium: used by keyboard alone, in light and dark, on a narrow screen, with errors; axe-core finds
// nothing to complain about.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { readApiKeys } from "../../../src/doors/web/access.ts";
import { openService } from "../../../src/serving/open-service.ts";
import type { PredictionService } from "../../../src/serving/prediction-service.ts";
import { type TestDoor, testDoor } from "../../doors/web/fixtures.ts";
import { type BrowserPage, chromium, openBrowser } from "./browser.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** The SHA-256 of `key`. */
const keys = readApiKeys("test sha256:2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683");

describe("the page at /docs in Chromium", { skip: chromium === undefined ? "no Chromium is installed" : false }, () => {
  let ride: PredictionService;
  let everyKind: PredictionService;
  let door: TestDoor;
  let page: BrowserPage;

  before(async () => {
    ride = await openService(`${root}examples/ride-duration`);
    everyKind = await openService(`${root}test/fixtures/every-kind`);
    door = await testDoor({ services: [ride, everyKind] });
    page = await openBrowser();
  });
  after(async () => {
    await page[Symbol.asyncDispose]();
    await door[Symbol.asyncDispose]();
    await ride.close();
    await everyKind.close();
  });

  test("is filled in by keyboard, and shows Python's number with its unit", async () => {
    await page.emulate({});
    await page.open(`${door.web.url}/docs`);
    await tabTo(page, "f0");
    for (const [index, text] of ["130", "205", "3.66"].entries()) {
      assert.equal(await page.evaluate("document.activeElement.id"), `f${index}`);
      await page.type(text);
      await page.press("Tab");
    }
    assert.equal(await page.evaluate("document.activeElement.id"), "send");
    await page.press("Enter");
    await page.until("document.querySelector('.answer') !== null");
    assert.equal(
      await page.evaluate("document.querySelector('.answer').innerText"),
      "duration\n15.691732237505335 minute",
    );
    const curl = await page.evaluate<string>("document.getElementById('curl').textContent");
    assert.match(curl, /-d '\{"PULocationID": 130, "DOLocationID": 205, "trip_distance": 3\.66\}'$/);
    assert.deepEqual(await violations(page), []);
  });

  test("says which value was not met in training", async () => {
    await page.open(`${door.web.url}/docs/ride-duration`);
    await submit(page);
    await page.until("document.querySelector('.answer') !== null");
    assert.equal(
      await page.evaluate("document.querySelector('.answer').innerText"),
      "duration\n22.625182479499 minute",
    );
    assert.match(await page.evaluate("document.getElementById('result').innerText"), /Unseen category in PU_DO/);
    assert.deepEqual(await violations(page), []);
  });

  test("shows each problem at its field, and takes the reader there", async () => {
    await page.open(`${door.web.url}/docs`);
    await page.evaluate("f0.value = '0', f1.value = 'x', f2.value = '', true");
    await submit(page);
    await page.until("!document.getElementById('problem').hidden");
    assert.equal(await page.evaluate("document.activeElement.id"), "problem");
    const texts = await page.evaluate<string[]>("[e0, e1, e2].map((place) => place.hidden ? '' : place.innerText)");
    assert.match(texts[0] ?? "", /must be from 1 to 265/);
    assert.match(texts[1] ?? "", /must be a whole number/);
    assert.match(texts[2] ?? "", /is missing/);
    assert.equal(
      await page.evaluate("[f0, f1, f2].every((field) => field.getAttribute('aria-invalid') === 'true')"),
      true,
    );
    for (const scheme of ["light", "dark"] as const) {
      await page.emulate({ scheme });
      assert.deepEqual(await violations(page), [], scheme);
    }
    await page.press("Tab");
    await page.press("Enter");
    assert.equal(await page.evaluate("document.activeElement.id"), "f0");
  });

  test("follows the system's colours, and a switch of its own", async () => {
    const paper = "getComputedStyle(document.body).backgroundColor";
    await page.emulate({ scheme: "light" });
    await page.open(`${door.web.url}/docs`);
    const light = await page.evaluate(paper);
    await page.emulate({ scheme: "dark" });
    const dark = await page.evaluate(paper);
    assert.notEqual(light, dark);
    assert.deepEqual(await violations(page), []);
    await tabTo(page, "theme");
    await page.press("Space");
    assert.equal(await page.evaluate(paper), light);
    assert.deepEqual(await violations(page), []);
  });

  test("asks for every kind of field on a screen of 320 px, names that mean harm among them", async () => {
    for (const scheme of ["light", "dark"] as const) {
      await page.emulate({ scheme, width: 320 });
      await page.open(`${door.web.url}/docs/every-kind`);
      assert.deepEqual(await violations(page), [], scheme);
      assert.ok((await page.evaluate<number>("document.scrollingElement.scrollWidth")) <= 320);
    }
    await submit(page);
    await page.until("document.querySelector('.answer') !== null");
    const shown = await page.evaluate<string>("document.querySelector('.answer').innerText");
    assert.match(shown, /^duration\n[\d.]+ minute\nflag\nfalse\nlabel\ncash$/);
    await page.evaluate("f11.value = '[1', true");
    await submit(page);
    await page.until("!e11.hidden");
    await page.evaluate("f11.value = '[1]', true");
    await submit(page);
    await page.until("!e11.hidden && e11.innerText.includes('string')");
    assert.ok((await page.evaluate<number>("document.scrollingElement.scrollWidth")) <= 320);
    assert.equal(await page.evaluate("document.querySelectorAll('img, b b, script').length"), 2);
  });

  test("asks for the API key, keeps it in memory, and shows nothing before", async () => {
    await using locked = await testDoor({ services: [ride], apiKeys: keys });
    await page.emulate({});
    await page.open(`${locked.web.url}/docs`);
    assert.doesNotMatch(await page.evaluate<string>("document.body.innerText"), /PULocationID/);
    assert.deepEqual(await violations(page), []);
    await tabTo(page, "key");
    await page.type("wrong");
    await page.press("Enter");
    await page.until("!document.getElementById('keyissue').hidden");
    assert.deepEqual(await violations(page), []);
    await page.evaluate("document.getElementById('key').value = 'key', true");
    await page.press("Enter");
    await page.until("document.getElementById('form') !== null");
    await submit(page);
    await page.until("document.querySelector('.answer') !== null");
    assert.doesNotMatch(await page.evaluate<string>("document.getElementById('curl').textContent"), /'key'|: key/);
    assert.equal(await page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length"), 0);
    assert.deepEqual(await violations(page), []);
  });

  test("is looked at by a program that does find faults", async () => {
    await page.evaluate("document.body.append(document.createElement('img')), true");
    assert.deepEqual(await violations(page), ["image-alt img", "region img"]);
  });

  test("asked nobody else for anything, and its policy had nothing to refuse", () => {
    const outside = page.requests.filter((url) => !/^(http:\/\/127\.0\.0\.1:|data:|about:)/.test(url));
    assert.deepEqual([outside, page.complaints], [[], []]);
  });
});

async function tabTo(page: BrowserPage, id: string): Promise<void> {
  for (let turn = 0; turn < 60; turn++) {
    if ((await page.evaluate("document.activeElement.id")) === id) return;
    await page.press("Tab");
  }
  assert.fail(`Tab does not lead to #${id}`);
}

async function submit(page: BrowserPage): Promise<void> {
  await page.evaluate("document.getElementById('send').focus(), true");
  await page.press("Enter");
}

/** What axe-core finds, by rule and place. */
async function violations(page: BrowserPage): Promise<readonly string[]> {
  if (!(await page.evaluate("typeof axe !== 'undefined'"))) await page.evaluate(`${axe.source}; true`);
  return page.evaluate(
    "axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ' ' + target)))",
  );
}
