import { expect, test } from 'vitest';
import { crash } from './crash.ts';

test('20 kills at random moments under QoS 1 load lose no acknowledged reading and double none', {
  timeout: 300_000,
}, async () => {
  const figures = await crash({ kills: 20, devices: 4, seed: 20261124 });
  expect(figures).toMatchObject({ kills: 20, lost: 0, doubled: 0 });
  expect(figures.acknowledged).toBeGreaterThan(1_000);
});
