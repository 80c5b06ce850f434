// What the browser tests share: a Chromium, pages that fail a test by any error or any request to elsewhere, the stand.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";

const require = createRequire(join(process.env.ANLAN_CONSOLE_WORK, "package.json"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const home = process.env.ANLAN_CONSOLE;
export const pictures = process.env.ANLAN_PICTURES;

export const launch = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"] });

/// A command to the stand (console_stand.py: do).
export const make = async (what) => {
  const answer = await fetch(process.env.ANLAN_CONTROL, { method: "POST", body: JSON.stringify(what) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return answer.text();
};

export const api = async (path, init) => {
  const answer = await fetch(home + path, init);
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
};

/// The first true value of what `look` gives, asked again every 50 ms.
export const eventually = async (look, what, ms = 15_000) => {
  const end = performance.now() + ms;
  for (;;) {
    const value = await look();
    if (value) return value;
    assert.ok(performance.now() < end, `waited ${ms} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/// A context in a language; `faults` gathers what must not be: errors of scripts, of the policy, requests to elsewhere.
export const person = async (browser, { language = "zh-CN", width = 1366, height = 768, scale = 1, name = "王芳", role = "DA" } = {}) => {
  const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: scale, locale: language });
  await context.addInitScript((kept) => {
    if (kept.name && location.protocol === "http:" && localStorage.getItem("anlan.actor") === null) localStorage.setItem("anlan.actor", JSON.stringify(kept));
  }, { name, role });
  const faults = [];
  context.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== home && url.protocol !== "data:" && url.protocol !== "blob:") faults.push(`asked ${url}`);
  });
  const expected = { refusals: false }; // where the collector is away or refuses, what the browser logs of it is no fault
  context.on("console", (message) => {
    if (message.type() === "error" && !(expected.refusals && /Failed to load resource|net::ERR/.test(message.text()))) faults.push(message.text());
  });
  context.on("weberror", (error) => faults.push(String(error.error().stack)));
  const page = await context.newPage();
  return { context, page, faults, expected };
};

export const open = async (page, address) => {
  await page.goto(`${home}/#${address}`);
  await page.locator("main h1").first().waitFor();
};

/// Serious and critical findings of axe (WCAG 2.2 A and AA).
export const serious = async (page) => {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  return found.violations
    .filter((violation) => ["serious", "critical"].includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.nodes.map((node) => `${node.target} ${node.failureSummary}`).slice(0, 3).join(" | ")}`);
};

export const picture = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`) });

const say = (name, value, unit, budget, rest) => console.log(JSON.stringify({ figure: `console.${name}`, value: Math.round(value * 10) / 10, unit, budget, ...rest }));

export const figure = (name, value, unit, budget, holds) => {
  say(name, value, unit, budget, { holds });
  assert.ok(holds, `${name}: ${value} ${unit}, budget ${budget}`);
};

/// A figure of speed, which only a machine that nobody else uses can show: elsewhere it is printed and judges nothing.
export const speed = (name, value, unit, budget, holds) => {
  const busy = loadavg()[0] > 2 * availableParallelism();
  say(name, value, unit, budget, busy ? { holds: null, why: `${loadavg()[0].toFixed(1)} processes want the ${availableParallelism()} cores` } : { holds });
  if (!busy) assert.ok(holds, `${name}: ${value} ${unit}, budget ${budget}`);
};
