// The console in a real Chromium against the real collector, broker, edges and plant. One story: each test goes on where the
// one before ended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { api, eventually, figure, home, launch, make, open, person, picture, serious } from "./browser.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const live = (page) => page.locator('[data-test="live"].live').waitFor();
const alarmRows = (page) => page.locator('[data-test="alarm"]');
const alertOf = async (source) => (await api(`/api/v1/alerts?source=${source}`)).items.find((alert) => alert.state !== "over");
const within = async (name, run) => {
  const one = await person(browser);
  try {
    await run(one);
    assert.deepEqual(one.faults, [], name);
  } finally {
    await one.context.close();
  }
};

test("the overview of a quiet city names nothing dangerous", () => within("quiet", async ({ page }) => {
  await open(page, "/");
  await live(page);
  assert.equal(await page.locator('[data-test="danger"] strong').innerText(), "0");
  await page.getByText("所有场所都没有正在发生的报警").waitFor();
  assert.equal(await page.locator('[data-test="edges"] strong').innerText(), "0");
  await picture(page, "overview-quiet-zh");
}));

test("a site shows its devices with values that move", () => within("site", async ({ page }) => {
  await open(page, "/sites");
  await page.getByRole("link", { name: "tj-bh-001" }).click();
  const rows = page.locator('[data-test="point"]');
  await rows.first().waitFor();
  assert.equal(await rows.count(), 10);
  const text = () => rows.locator(".value").allInnerTexts().then((all) => all.join());
  const before = await text();
  await eventually(async () => (await text()) !== before, "a value to change");
  await page.locator('[data-test="point"] button', { hasText: "温度" }).first().click();
  await page.locator('[data-test="chart"][data-drawn]').waitFor();
}));

test("an alarm is on the screen within a second after it is stored", () => within("latency", async ({ page }) => {
  await open(page, "/alarms");
  await live(page);
  const source = "tj-bh-001/tank-1/temperature";
  await make({ plant: "ramp tank-1/temperature 82 3s" });
  await alarmRows(page).filter({ hasText: "温度" }).first().waitFor();
  // From now on each rise of level is one measurement: the store's own time against the time of its appearance.
  await page.evaluate(() => {
    globalThis.seen = [];
    const look = () => {
      for (const level of document.querySelectorAll('[data-test="alarm"] .level')) {
        const text = level.textContent.trim();
        if (!globalThis.seen.some((one) => one.text === text)) globalThis.seen.push({ text, at: Date.now() });
      }
    };
    look();
    globalThis.seen.forEach((one) => (one.first = true));
    new MutationObserver(look).observe(document.querySelector("main"), { subtree: true, childList: true, characterData: true });
  });
  await page.locator(".level.red").first().waitFor();
  const alert = await alertOf(source);
  const details = await api(`/api/v1/alerts/${alert.id}`);
  const stored = Object.fromEntries(details.history.map((event) => [event.level, Date.parse(event.at)]));
  const names = { 黄色: "yellow", 橙色: "orange", 红色: "red" };
  const seen = (await page.evaluate(() => globalThis.seen)).filter((one) => !one.first && names[one.text]);
  assert.ok(seen.length > 0, "at least the last rise was seen");
  const delays = seen.map((one) => one.at - stored[names[one.text]]);
  figure("visible_after", Math.max(...delays), "ms", 1000, Math.max(...delays) <= 1000);
  await picture(page, "alarms-red-zh");
}));

test("acknowledging asks who one is, wants a note, and the centre knows both", async () => {
  const { context, page, faults } = await person(browser, { name: "" });
  await open(page, "/alarms");
  const row = alarmRows(page).filter({ hasText: "温度" }).first();
  await row.locator("input[type=checkbox]").click();
  await page.locator('[data-test="acknowledge"]').click();
  await page.locator('[data-test="submit"]').click();
  await page.getByText("请写处置说明").waitFor();
  await page.locator('textarea').fill("已派人到现场");
  await page.locator('[data-test="submit"]').click();
  await page.getByLabel("姓名").fill("王芳");
  await page.getByLabel("身份").selectOption("DA");
  await picture(page, "identity-zh");
  await page.getByRole("button", { name: "确定" }).click();
  await page.getByText("已确认 1 条").waitFor();
  const alert = await alertOf("tj-bh-001/tank-1/temperature");
  assert.equal(alert.acknowledged.by, "王芳");
  assert.equal(alert.acknowledged.note, "已派人到现场");
  assert.equal(alert.acknowledged.role, "DA");
  assert.deepEqual(faults, []);
  await context.close();
});

test("who saw an older state is told so and nothing is acknowledged in their name", () => within("conflict", async ({ page, expected }) => {
  expected.refusals = true; // a browser logs every 412
  await make({ plant: "ramp tank-2/temperature 58 2s" });
  const alert = await eventually(() => alertOf("tj-bh-001/tank-2/temperature"), "an alert of tank 2");
  await open(page, `/alarms/${alert.id}`);
  await page.locator('[data-test="acknowledge"]').click();
  await page.locator("textarea").fill("看到了");
  const present = await alertOf("tj-bh-001/tank-2/temperature");
  const answer = await fetch(`${home}/api/v1/alerts/${alert.id}/acknowledge`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "If-Match": `"${present.revision}"`, "Idempotency-Key": crypto.randomUUID() },
    body: JSON.stringify({ actor: { name: "李强", role: "EP" }, note: "我先看到" }),
  });
  assert.equal(answer.status, 200);
  await page.locator('[data-test="submit"]').click();
  await page.getByText("1 条在您查看之后又有变化").waitFor();
  assert.equal((await alertOf("tj-bh-001/tank-2/temperature")).acknowledged.by, "李强");
  await page.getByText("李强").first().waitFor();
}));

test("the page of an alarm draws what was measured, and a gap as a gap", () => within("gap", async ({ page }) => {
  await make({ plant: "fault tank-1 hang" });
  await eventually(async () => (await api("/api/v1/points/tj-bh-001/tank-1/temperature")).stale_because !== null, "tank 1 to fall silent");
  await new Promise((resolve) => setTimeout(resolve, 4_000)); // the length of the gap
  await make({ plant: "fault tank-1 none" });
  await eventually(async () => (await api("/api/v1/points/tj-bh-001/tank-1/temperature")).stale_because === null, "tank 1 to be back");
  const alert = await alertOf("tj-bh-001/tank-1/temperature");
  await open(page, `/alarms/${alert.id}`);
  const chart = page.locator('[data-test="chart"][data-drawn]');
  await eventually(async () => Number(await chart.getAttribute("data-gaps")) > 0, "a gap in the chart");
  assert.ok((await page.locator('[data-test="event"]').count()) >= 4);
  await page.getByRole("button", { name: "表格" }).click();
  assert.ok((await page.locator(".trend tbody tr").count()) > 10);
}));

test("filters stand in the address and the keyboard does everything", () => within("keyboard", async ({ page }) => {
  await open(page, "/alarms");
  await alarmRows(page).first().waitFor();
  await page.locator('[data-test="text"]').fill("tank-1");
  await page.waitForURL(/text=tank-1/);
  const shown = await alarmRows(page).count();
  assert.ok(shown > 0);
  await page.reload();
  await eventually(async () => (await alarmRows(page).count()) === shown, "the same rows after a reload");
  await page.locator('table[role="grid"]').focus();
  await page.keyboard.press("ArrowDown");
  await page.locator("tr.current").waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/alarms\/[0-9a-f]{32}/);
}));

test("a lost connection shows within five seconds, also where the collector only hangs, and what was missed comes", () => within("lost", async ({ page, expected }) => {
  await open(page, "/alarms");
  await live(page);
  expected.refusals = true;
  await make({ collector: "pause" });
  const begun = performance.now();
  await page.locator('[data-test="lost"]').waitFor({ timeout: 8_000 });
  const after = performance.now() - begun;
  await picture(page, "lost-zh");
  await make({ collector: "resume" });
  figure("lost_shown_after", after, "ms", 5000, after <= 5000);
  await live(page);

  await make({ collector: "kill" });
  await page.locator('[data-test="lost"]').waitFor({ timeout: 8_000 });
  await make({ plant: "ramp tank-2/temperature 82 1s" });
  await make({ collector: "start" });
  await live(page);
  await page.locator('[data-test="lost"]').waitFor({ state: "detached" });
  await alarmRows(page).filter({ hasText: "温度" }).locator(".level.red").nth(1).waitFor();
  expected.refusals = false;
}));

test("all pages of a browser share one stream, and another goes on when its reader is closed", () => within("tabs", async ({ page, context }) => {
  const streams = async () => Number(/^anlan_collector_event_streams\S* (\d+)/m.exec(await (await fetch(`${home}/metrics`)).text())?.[1] ?? NaN);
  await open(page, "/alarms");
  await live(page);
  const others = [];
  for (let i = 0; i < 7; ++i) {
    const other = await context.newPage();
    await open(other, "/");
    await live(other);
    others.push(other);
  }
  await eventually(async () => (await streams()) === 1, "one stream for eight pages");
  await page.close();
  await make({ plant: "ramp tank-2/gas 40 1s" });
  const last = others.at(-1);
  await open(last, "/alarms");
  await last.locator('[data-test="alarm"]').filter({ hasText: "可燃气体" }).first().waitFor();
  await eventually(async () => (await streams()) === 1, "one stream again");
  await eventually(() => last.evaluate(() => document.querySelector('[data-test="live"]').classList.contains("live")), "the others to be live");
}));

test("a silent edge is seen on the overview and among the edges", () => within("silent", async ({ page }) => {
  await make({ edge: "stop" });
  await open(page, "/");
  await eventually(async () => (await page.locator('[data-test="edges"] strong').innerText()) === "1", "a silent edge to be counted", 25_000);
  await page.locator('[data-test="edges"]').click();
  await page.locator('[data-test="edge"] .silent').waitFor();
  assert.equal(await page.locator('[data-test="edge"]').count(), 1);
}));

const pages = async () => {
  const alert = await alertOf("tj-bh-001/tank-1/temperature");
  const hazard = (await api("/api/v1/hazards?asset=tj-bh-001/tank-1")).items[0];
  return { overview: "/", hazards: "/hazards?state=all", hazard: `/hazards/${hazard.id}`, alarms: "/alarms", history: "/alarms?history=1", alarm: `/alarms/${alert.id}`, sites: "/sites", site: "/sites/tj-bh-001?point=tj-bh-001%2Ftank-1%2Ftemperature", edges: "/edges", edge: "/edges/tj-bh-001-a", nowhere: "/nowhere" };
};

for (const language of ["zh-CN", "en"])
  for (const [width, height] of [[1366, 768], [1920, 1080]])
    test(`every page in ${language} at ${width} × ${height}: a picture, no serious finding of axe, nothing wider than the window`, async () => {
      const { context, page, faults } = await person(browser, { language, width, height });
      for (const [name, address] of Object.entries(await pages())) {
        await open(page, address);
        await live(page);
        if (["alarm", "site"].includes(name)) await page.locator('[data-test="chart"][data-drawn]').waitFor();
        await picture(page, `${name}-${language}-${width}`);
        assert.deepEqual(await serious(page), [], `${name} ${language}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than the window`);
        if (language === "en") assert.equal(await page.evaluate(() => /[\u4e00-\u9fff]/.test(document.querySelector("nav").textContent + [...document.querySelectorAll("main h2, main dt, main thead th, main label")].map((one) => one.textContent).join())), false, `${name} speaks Chinese`);
      }
      assert.deepEqual(faults, []);
      await context.close();
    });

test("at 200 % zoom every page is whole", async () => {
  const { context, page, faults } = await person(browser, { width: 683, height: 384, scale: 2 });
  for (const [name, address] of Object.entries(await pages())) {
    await open(page, address);
    await picture(page, `${name}-zoom`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than the window`);
  }
  assert.deepEqual(faults, []);
  await context.close();
});

test("a hazard goes its way: each step by who may, a conflict is shown with what was written kept", async () => {
  const hazard = (await api("/api/v1/hazards?asset=tj-bh-001/tank-1")).items[0];
  const { context, page, faults, expected } = await person(browser, { name: "李强", role: "EP" });
  await open(page, "/hazards");
  await page.locator('[data-test="hazard"]', { hasText: "tank-1" }).getByRole("link").first().click();
  await page.locator('[data-test="step-start"]').waitFor();
  assert.equal(await page.locator('[data-test="step-grade"]').count(), 0, "grading is the district's");
  await page.getByText("由区级监管执行").first().waitFor();
  await picture(page, "hazard-zh-1366");

  await page.locator('[data-test="step-start"]').click();
  await page.locator('[data-test="submit"]').click();
  await page.getByText("请把要填的都填上").waitFor();
  const answers = { 措施: "检修冷却回路，更换循环泵密封", 责任人: "李强", 资金: "12000 元", 预案: "超过 70 °C 时启动喷淋" };
  for (const [label, text] of Object.entries(answers)) await page.getByLabel(label, { exact: true }).fill(text);
  const limit = new Date(Date.now() + 2 * 86_400_000 + 8 * 3_600_000).toISOString().slice(0, 16);
  await page.getByLabel("时限", { exact: true }).fill(limit);

  // Somebody else is faster.
  const now = await api(`/api/v1/hazards/${hazard.id}`);
  const faster = await fetch(`${home}/api/v1/hazards/${hazard.id}/actions`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "If-Match": `"${now.version}"`, "Idempotency-Key": crypto.randomUUID() },
    body: JSON.stringify({ actor: { name: "王芳", role: "DA" }, action: "redispatch", reason: "换一个部门负责", fields: { responsible: "设备部" } }),
  });
  assert.equal(faster.status, 200, await faster.text());
  expected.refusals = true;
  await page.locator('[data-test="submit"]').click();
  const conflict = page.locator('[data-test="conflict"]');
  await conflict.getByText("换一个部门负责").waitFor();
  assert.equal(await page.getByLabel("资金", { exact: true }).inputValue(), "12000 元", "what was written is kept");
  await picture(page, "hazard-conflict-zh");
  assert.deepEqual(await serious(page), []);
  assert.equal((await api(`/api/v1/hazards/${hazard.id}`)).state, "dispatched", "nothing was done");
  await page.locator('[data-test="looked"]').click();
  await page.locator('[data-test="submit"]').click();
  await page.getByText("已完成：开始整改").waitFor();
  const started = await api(`/api/v1/hazards/${hazard.id}`);
  assert.equal(started.state, "rectifying");
  assert.equal(started.plan.funds, "12000 元");
  assert.equal(started.plan.time_limit.slice(0, 16), new Date(`${limit}+08:00`).toISOString().slice(0, 16), "Tianjin's clock");
  assert.deepEqual(started.history.at(-1).actor, "李强");
  await page.locator('[data-test="step-self_check"]').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test("what the collector refuses is said with its reason, and nothing of the form is lost", async () => {
  const hazard = (await api("/api/v1/hazards?asset=tj-bh-001/tank-2")).items.find((one) => one.state === "dispatched");
  const { context, page, expected } = await person(browser, { name: "李强", role: "EP" });
  await open(page, `/hazards/${hazard.id}`);
  await page.locator('[data-test="step-dispute"]').click();
  await page.getByLabel("反证", { exact: true }).fill("x".repeat(20));
  await page.locator('[data-test="reason"]').fill("仪表漂移");
  expected.refusals = true;
  await make({ collector: "pause" });
  await page.locator('[data-test="submit"]').click();
  await page.locator('[data-test="refused"]', { hasText: "中心没有应答" }).waitFor({ timeout: 20_000 });
  await make({ collector: "resume" });
  await page.locator('[data-test="submit"]').click();
  await page.getByText("已完成：提出异议").waitFor();
  assert.equal((await api(`/api/v1/hazards/${hazard.id}`)).history.filter((event) => event.what === "disputed").length, 1, "done once, though it was sent twice");
  await context.close();
});
