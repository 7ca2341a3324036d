import { expect, test } from 'vitest';
import { quantities, quantityNames } from '../../../devices/index.ts';
import { createReader } from './reader.ts';

const en = createReader('en', 'Asia/Shanghai');
const zh = createReader('zh-CN', 'Asia/Shanghai');
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('values have the decimals of the catalogue and their unit as people write it', () => {
  expect(plain(en.value('air_temperature', 1.84))).toBe('1.8 °C');
  expect(plain(en.value('air_temperature', -0.04))).toBe('0.0 °C');
  expect(plain(zh.value('relative_humidity', 94.4))).toBe('94 %');
  expect(plain(en.value('co2', 12_345))).toBe('12,345 ppm');
  expect(plain(en.limit('air_temperature', 8))).toBe('8 °C');
  expect(plain(en.limit('air_temperature', -0.5))).toBe('-0.5 °C');
  expect([en.value('door_open', 1), zh.value('door_open', 0)]).toEqual(['open', '关']);
  expect([en.quantity('door_open'), zh.quantity('door_open')]).toEqual(['Door', '门']);
});

test('no quantity of the catalogue shows its UCUM code to people', () => {
  for (const name of quantityNames) {
    const { unit } = quantities[name];
    if (['Cel', '[pH]', '[ppm]', '1', 'deg', 'W/m2'].includes(unit))
      expect(en.unit(name)).not.toContain(unit);
    if (name === 'door_open') continue;
    expect(en.quantity(name)).toBe(quantities[name].en);
    expect(zh.quantity(name)).toBe(quantities[name].zh);
  }
});

test.each([
  [0, 'just now', '刚刚'],
  [9_999, 'just now', '刚刚'],
  [10_000, '10 s ago', '10 秒前'],
  [59_999, '59 s ago', '59 秒前'],
  [60_000, '1 min ago', '1 分钟前'],
  [3_599_999, '59 min ago', '59 分钟前'],
  [3_600_000, '1 h ago', '1 小时前'],
  [47 * 3_600_000, '47 h ago', '47 小时前'],
  [48 * 3_600_000, '2 d ago', '2 天前'],
  [-5_000, 'just now', '刚刚'],
])('%i ms: %s, %s', (ms, english, chinese) => {
  expect([en.ago(ms), zh.ago(ms)]).toEqual([english, chinese]);
});

test("times are the site's, whatever the browser's zone", () => {
  const at = Date.UTC(2026, 5, 11, 16, 30);
  expect(en.time(at)).toBe('00:30');
  expect(zh.dateTime(at)).toBe('6月12日 00:30');
  expect(createReader('en', 'UTC').time(at)).toBe('16:30');
  expect(en.when(at, at + 60_000)).toBe('00:30');
  expect(en.when(at, at - 3_600_000)).toBe('Jun 12, 00:30');
});

test('reasons are sentences with value and limit', () => {
  const because = {
    key: 'above',
    quantity: 'air_temperature',
    device: 'd',
    channel: 'main',
    value: 9.43,
    limit: 8,
  } as const;
  expect(plain(en.because(because))).toBe('Air temperature 9.4 °C is above the limit of 8 °C.');
  expect(plain(zh.because(because))).toBe('空气温度 9.4 °C，高于上限 8 °C。');
  const silent = {
    key: 'stale',
    quantity: 'grain_temperature',
    device: 'cable',
    channel: 'layer-3',
    ageMs: 6.4 * 3_600_000,
  } as const;
  expect(en.because(silent)).toBe('cable · layer-3: nothing heard for 6 h (Grain temperature).');
  expect(zh.because({ key: 'never' })).toBe('这里还没有传感器报过数据。');
});

test('a problem of the system is a sentence with how long it lasts', () => {
  expect(zh.problem({ key: 'store_unreachable', lagMs: 3_600_000 })).toContain('已等 1 小时');
});
