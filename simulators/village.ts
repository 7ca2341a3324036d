import { z } from 'zod';
import village from './village.json' with { type: 'json' };

const nameSchema = z.object({ zh: z.string(), en: z.string() });

/** What a simulated device measures and from which part of its place. */
export const deviceModels = [
  'soil',
  'greenhouse',
  'weather',
  'room-air',
  'room-pulp',
  'room-door',
  'room-gas',
  'truck',
  'grain-cable',
  'grain-gas',
] as const;
export type DeviceModel = (typeof deviceModels)[number];

const villageSchema = z.object({
  site: z.object({ id: z.string(), name: nameSchema, timeZone: z.string() }),
  places: z.array(
    z.object({ id: z.string(), kind: z.enum(['plot', 'room', 'bin', 'vehicle']), name: nameSchema }),
  ),
  devices: z.array(z.object({ id: z.string(), place: z.string(), model: z.enum(deviceModels) })),
});

export type Village = z.infer<typeof villageSchema>;

/** The demo village, as its file says. */
export function loadVillage(): Village {
  return villageSchema.parse(village);
}
