// Sizes and speeds that CONSOLE promises, in the browser of the tests: the first screen on a slow line, ten thousand alarms.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, figure, home, launch, open, person, picture, speed } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test("the first screen comes quickly over 10 Mbit/s to a processor four times slower", async () => {
  const { context, page, faults } = await person(browser);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", { offline: false, latency: 40, downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 });
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  let received = 0;
  cdp.on("Network.loadingFinished", (event) => (received += event.encodedDataLength));
  await page.addInitScript(() => {
    new PerformanceObserver((list) => (globalThis.lcp = list.getEntries().at(-1).startTime)).observe({ type: "largest-contentful-paint", buffered: true });
  });
  await page.goto(home);
  await page.locator('[data-test="danger"] strong', { hasText: /\d/ }).waitFor();
  const lcp = await page.evaluate(() => globalThis.lcp);
  figure("first_screen_received", received, "bytes", 320_000, received <= 320_000);
  speed("lcp", lcp, "ms", 1500, lcp <= 1500);
  assert.deepEqual(faults, []);
  await context.close();
});

/// The list as the collector would give it, with ten thousand alarms: made of a real one.
const many = (model, count) => {
  const levels = ["blue", "yellow", "orange", "red"];
  return Array.from({ length: count }, (_, i) => {
    const id = i.toString(16).padStart(32, "0");
    const level = levels[(i * 7) % 4];
    return { ...model, id, lead: id, episodes: [], source: `tj-bh-${String(i % 200).padStart(3, "0")}/tank-${i % 50}/temperature`, site: `tj-bh-${String(i % 200).padStart(3, "0")}`, name: `${i % 50} 号储罐温度`, level, live_level: level, peak: level, state: i % 3 === 0 ? "active-acked" : "active-unacked", raised_at: new Date(Date.parse(model.raised_at) - i * 1000).toISOString() };
  });
};

test("ten thousand alarms scroll smoothly and answer at once", async () => {
  const model = (await api("/api/v1/alerts?limit=1")).items[0];
  const all = many(model, 10_000);
  const { context, page, faults } = await person(browser, { width: 1920, height: 1080 });
  await context.route(/\/api\/v1\/alerts\?/, (route) => {
    const from = Number(new URL(route.request().url()).searchParams.get("cursor") ?? 0);
    return route.fulfill({ json: { items: all.slice(from, from + 500), next: from + 500 < all.length ? String(from + 500) : null } });
  });
  await open(page, "/alarms");
  await page.getByText("显示 10000 / 10000 条").waitFor({ timeout: 30_000 });
  await picture(page, "alarms-10000-zh");
  assert.ok((await page.locator('[data-test="alarm"]').count()) < 100, "only what is in sight exists");

  const fps = await page.evaluate(async () => {
    const scroller = document.querySelector(".scroller");
    let frames = 0;
    const begun = performance.now();
    while (performance.now() - begun < 2000) {
      scroller.scrollTop += 60;
      await new Promise(requestAnimationFrame);
      ++frames;
    }
    return frames / ((performance.now() - begun) / 1000);
  });
  speed("scroll_10000", fps, "frames/s", 55, fps >= 55);

  await page.evaluate(() => {
    globalThis.slowest = 0;
    new PerformanceObserver((list) => list.getEntries().forEach((entry) => (globalThis.slowest = Math.max(globalThis.slowest, entry.duration)))).observe({ type: "event", durationThreshold: 16, buffered: false });
  });
  await page.locator('[data-test="text"]').pressSequentially("tank-7", { delay: 120 });
  await page.getByText(/显示 200 /).waitFor();
  await page.locator('[data-test="state"]').selectOption("unseen");
  await page.locator('[data-test="alarm"]').first().click();
  await page.locator('table[role="grid"]').focus();
  for (let i = 0; i < 5; ++i) await page.keyboard.press("ArrowDown");
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 50))));
  const slowest = await page.evaluate(() => globalThis.slowest);
  speed("slowest_interaction_10000", slowest, "ms", 100, slowest <= 100);
  assert.deepEqual(faults, []);
  await context.close();
});
