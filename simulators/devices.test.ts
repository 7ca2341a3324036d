import { expect, test } from 'vitest';
import { DAY, decodeMessage, deviceTopic, HOUR } from '../devices/index.ts';
import { recordOf } from './devices.ts';
import { loadVillage } from './village.ts';
import { initialWorld, nextMinute } from './world.ts';

const NOW = Date.UTC(2026, 5, 12, 6);

function messages(seed: number): string[] {
  const village = loadVillage();
  let world = initialWorld(NOW - 2 * DAY, seed);
  const sent: string[] = [];
  while (world.at < NOW) {
    world = nextMinute(world, seed, NOW);
    if (world.at % HOUR !== 0) continue;
    for (const [index, { place, model }] of village.devices.entries())
      sent.push(JSON.stringify(recordOf({ place, model, seed: index }, world, 0)));
  }
  return sent;
}

test('two days of all 12 devices decode to readings without a single refusal', () => {
  const topic = deviceTopic('liangjiawo', 'any', 'up');
  for (const payload of messages(1)) {
    const decoded = decodeMessage({ topic, payload: Buffer.from(payload), receivedAt: NOW });
    expect(decoded.refusals).toEqual([]);
    expect(decoded.readings.length).toBeGreaterThan(0);
  }
});

test('the same seed gives the same bytes, another seed other ones', () => {
  expect(messages(5)).toEqual(messages(5));
  expect(messages(5)).not.toEqual(messages(6));
});

test('every device hangs in a place of the village, and ids are unique', () => {
  const { places, devices } = loadVillage();
  const known = new Set(places.map(({ id }) => id));
  expect(devices.filter(({ place }) => !known.has(place))).toEqual([]);
  expect(new Set(devices.map(({ id }) => id)).size).toBe(devices.length);
});
