import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { journalFull, storeAway, wellStatus } from '../../dashboards/testing/status.ts';
import { chromiumPath, openStage, type Stage, shots, type View, webRoot } from './browser.ts';
import { COLOURS, FIRST_VIEW, MEASURE, type Measured, WATCH_SHIFTS } from './in-page.ts';

let stage: Stage;
beforeAll(async () => {
  if (chromiumPath !== undefined) stage = await openStage();
});
afterAll(async () => stage?.close());

async function overview(options: Parameters<Stage['view']>[0] = {}): Promise<View> {
  const view = await stage.view(options);
  await view.page.goto('/');
  await view.page.locator('.tile').first().waitFor();
  return view;
}

const text = (page: Page, selector: string) => page.locator(selector).allInnerTexts();
const read = async (one: Locator) => (await one.allInnerTexts()).join();

describe.skipIf(chromiumPath === undefined)('overview', () => {
  test('a tile per place, worst first, each with word, shape, value, age and bar', async () => {
    const { page, context, complaints } = await overview();
    expect(await text(page, '.tile .state')).toEqual(['act now', 'watch', 'no data', 'fine', 'fine', 'fine']);
    const shapes = await page
      .locator('.tile .state svg')
      .evaluateAll((all) => all.map((svg) => svg.firstElementChild?.tagName));
    expect(shapes).toEqual(['rect', 'path', 'circle', 'circle', 'circle', 'circle']);
    expect((await text(page, '.tile .big')).every((value) => /\d/.test(value))).toBe(true);
    expect(await page.locator('.tile .age').count()).toBe(6);
    expect(await page.locator('.tile .bar .cell').count()).toBe(6 * 28);
    expect((await text(page, '.tile.act .why'))[0]).toMatch(
      /^Air temperature \d+\.\d\s°C is above the limit of 8\s°C\.$/,
    );
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('ages tick', async () => {
    const { page, context } = await overview();
    const age = page.locator('.tile .age').first();
    const before = await read(age);
    await expect.poll(() => read(age), { timeout: 5_000 }).not.toBe(before);
    await context.close();
  });

  test('a new value changes its tile by itself: state, word, value, order', async () => {
    const { page, context } = await overview();
    const report = (value: number) =>
      stage.asked.village.report({
        place: 'precool-1',
        device: 'pc1-air',
        quantity: 'air_temperature',
        value,
        measuredAt: Date.now(),
      });
    const tile = page.locator('.tile', { hasText: '一号预冷库' });
    expect(await read(tile.locator('.state'))).toBe('fine');
    await report(11.5);
    await expect.poll(() => read(tile.locator('.state'))).toBe('act now');
    expect(await read(tile.locator('.big'))).toContain('11.5');
    expect(await text(page, '.tile .state')).toEqual([
      'act now',
      'act now',
      'watch',
      'no data',
      'fine',
      'fine',
    ]);
    await report(1.8);
    await expect.poll(() => read(tile.locator('.state'))).toBe('fine');
    await context.close();
  });

  test('the browser decides the language, the button changes it, and it stays after a reload', async () => {
    const { page, context } = await overview({ locale: 'zh-CN' });
    expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
    expect((await text(page, '.tile .state'))[0]).toBe('现在处理');
    await page.getByRole('button', { name: 'Switch to English' }).click();
    await expect.poll(async () => (await text(page, '.tile .state'))[0]).toBe('act now');
    await page.reload();
    await page.locator('.tile').first().waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await expect.poll(() => page.title()).toBe('亮甲窝屯基地 · Greenlane');
    await context.close();
  });

  test('names that look like markup stay names', async () => {
    const { page, context } = await overview();
    expect(await text(page, '.tile .name')).toContain('哈尔滨二仓 <b>A</b> & 3 °C Zone');
    expect(await page.locator('.tile .name b').count()).toBe(0);
    await context.close();
  });

  test('what is wrong with the system is said in words, in both languages, and goes away', async () => {
    const { page, context } = await overview({ locale: 'zh-CN' });
    expect(await page.locator('.status').count()).toBe(0);
    stage.asked.setStatus(storeAway);
    await expect.poll(() => text(page, '.status')).toEqual([expect.stringContaining('连不上数据库')]);
    await page.getByRole('button', { name: 'Switch to English' }).click();
    stage.asked.setStatus(journalFull);
    await expect
      .poll(() => text(page, '.status'))
      .toEqual([expect.stringContaining('The journal is full.'), expect.stringContaining('1 h waiting')]);
    expect(await page.locator('.status.bad').count()).toBe(1);
    stage.asked.setStatus(wellStatus);
    await expect.poll(() => page.locator('.status').count()).toBe(0);
    await context.close();
  });
});

describe.skipIf(chromiumPath === undefined)('place', () => {
  test('the keyboard alone leads from the overview into a chart and back', async () => {
    const { page, context } = await overview();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.u-over').first().waitFor();
    expect(page.url()).toContain('#/place/truck-3721/24h');
    const chart = page.getByRole('slider').first();
    await chart.focus();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => chart.getAttribute('aria-valuetext')).toMatch(/\d+\.\d\s°C$/);
    await page.getByRole('link', { name: 'All places' }).press('Enter');
    await page.locator('.tile').first().waitFor();
    await context.close();
  });

  test('a chart names its range, its values and its gaps, and draws something', async () => {
    const { page, context, complaints } = await stage.view();
    await page.goto('/#/place/precool-1/24h');
    await page.locator('.u-over').nth(2).waitFor();
    const chart = page.getByRole('slider').first();
    expect(await chart.getAttribute('aria-label')).toMatch(
      /^Air temperature, .+: lowest .+ highest .+ Gaps: 1\.$/,
    );
    const painted = await page.evaluate<number>(COLOURS);
    expect(painted).toBeGreaterThan(20);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('24 hours, 7 and 30 days; a step back, and to now; the address keeps it', async () => {
    const { page, context } = await stage.view();
    await page.goto('/#/place/precool-1');
    for (const [name, range] of [
      ['7 days', '7d'],
      ['30 days', '30d'],
      ['24 h', '24h'],
    ] as const) {
      await page.getByRole('button', { name, exact: true }).click();
      await expect.poll(() => page.url()).toContain(`/precool-1/${range}`);
      const pressed = () => page.getByRole('button', { name, exact: true }).getAttribute('aria-pressed');
      await expect.poll(pressed).toBe('true');
    }
    await page.getByRole('button', { name: 'Earlier' }).click();
    await expect.poll(() => page.url()).toMatch(/24h\/\d{13}$/);
    await page.reload();
    await page.getByRole('button', { name: 'To now' }).click();
    await expect.poll(() => page.url()).toMatch(/24h$/);
    await expect.poll(() => page.getByRole('button', { name: 'Later' }).isDisabled()).toBe(true);
    await context.close();
  });

  test('a day of the bar opens that day', async () => {
    const { page, context } = await stage.view({ size: 'phone' });
    await page.goto('/#/place/greenhouse-3/7d');
    await page.locator('.day').nth(2).tap();
    await expect.poll(() => page.url()).toMatch(/greenhouse-3\/24h\/\d{13}$/);
    await context.close();
  });

  test('refused readings are listed with reason and bytes, as text', async () => {
    const { page, context } = await stage.view({ locale: 'zh-CN' });
    await page.goto('/#/place/truck-3721');
    await expect.poll(() => text(page, '.refusals b')).toEqual(['内容无法识别', '超出物理可能']);
    await page.locator('.refusals summary').first().click();
    expect(await read(page.locator('.refusals .raw').first())).toBe('01 67 ff 03 68');
    await context.close();
  });

  test('a place that does not exist says so', async () => {
    const { page, context } = await stage.view();
    await page.goto('/#/place/nowhere');
    await expect.poll(() => text(page, 'main p')).toContain('This place does not exist any more.');
    await context.close();
  });
});

describe.skipIf(chromiumPath === undefined)('line and access', () => {
  test('a server that goes away is told with the time of what is shown, and coming back heals the page', async () => {
    const app = await stage.asked.build({ open: true, webRoot, livePollMs: 50, clock: Date.now });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const base = app.listeningOrigin;
    const { page, context } = await overview({ base });
    await app.close();
    await expect
      .poll(() => text(page, '.status'), { timeout: 10_000 })
      .toEqual([expect.stringMatching(/^No connection to the server\. What you see is from \d\d:\d\d\.$/)]);
    expect(await page.locator('.tile').count()).toBe(6);
    const again = await stage.asked.build({ open: true, webRoot, livePollMs: 50, clock: Date.now });
    await again.listen({ host: '127.0.0.1', port: Number(new URL(base).port) });
    await expect.poll(() => page.locator('.status').count(), { timeout: 15_000 }).toBe(0);
    await context.close();
    await again.close();
  });

  test('the token is asked for once: a wrong one is told, the right one is kept', async () => {
    const app = await stage.asked.build({ open: false, webRoot, clock: Date.now });
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { page, context } = await stage.view({ base: app.listeningOrigin });
    await page.goto('/');
    await page.getByLabel('API token').fill('gl_wrong');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('API token').fill(stage.asked.village.token);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.locator('.tile').first().waitFor();
    await page.reload();
    await page.locator('.tile').first().waitFor();
    expect(await page.getByLabel('API token').count()).toBe(0);
    await context.close();
    await app.close();
  });
});

describe.skipIf(chromiumPath === undefined)('on every screen', () => {
  const addresses = {
    overview: '/',
    room: '/#/place/precool-1',
    plot: '/#/place/greenhouse-3/7d',
    bin: '/#/place/bin-2',
    truck: '/#/place/truck-3721/30d',
  };
  const screens = (['phone', 'wall'] as const).flatMap((size) =>
    ['zh-CN', 'en'].flatMap((locale) => [false, true].map((dark) => ({ size, locale, dark }))),
  );

  test.each(screens)(
    '%o: nothing sticks out sideways, every target is 44 px, every button has a name',
    async (screen) => {
      const { page, context, complaints } = await stage.view(screen);
      for (const [name, address] of Object.entries(addresses)) {
        await page.goto(address);
        await page
          .locator(name === 'overview' ? '.tile' : '.u-over')
          .first()
          .waitFor();
        await page.locator('.chart .note').waitFor({ state: 'detached' });
        const { wider, small, nameless } = await page.evaluate<Measured>(MEASURE);
        expect(wider, `${name} is wider than the screen`).toBe(0);
        expect(small, `${name} has small targets`).toEqual([]);
        expect(nameless, `${name} has buttons without name`).toEqual([]);
        const file = [screen.size, screen.dark ? 'dark' : 'light', screen.locale, name].join('-');
        await page.screenshot({ path: join(shots, `${file}.png`), fullPage: true });
      }
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  test('the first view costs at most 100 kB compressed, and nothing moves while it loads', async () => {
    const { page, context } = await stage.view({ size: 'phone' });
    await page.addInitScript({ content: WATCH_SHIFTS });
    await page.goto('/');
    await page.locator('.tile').first().waitFor();
    await page.waitForLoadState('load');
    const { bytes, moved } = await page.evaluate<{ bytes: number; moved: number }>(FIRST_VIEW);
    console.info(`first view: ${bytes} bytes on the wire, API included; layout shift ${moved.toFixed(4)}`);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(100_000);
    expect(moved).toBeLessThan(0.1);
    await context.close();
  });

  test('all files of the page together are below 100 kB compressed, charts included', () => {
    const files = readdirSync(webRoot, { recursive: true, encoding: 'utf8' });
    const gzipped = files
      .filter((path) => path.endsWith('.gz'))
      .map((path) => statSync(join(webRoot, path)).size);
    expect(gzipped.length).toBeGreaterThan(4);
    expect(gzipped.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(100_000);
    expect(readFileSync(join(webRoot, 'index.html'), 'utf8')).not.toMatch(
      /<script(?![^>]*src=)|<style|style=|\son\w+=/,
    );
  });
});
