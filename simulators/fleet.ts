/** The village's devices over real MQTT: each its own connection and credential, QoS 1, a last will. */
import { connectAsync, type MqttClient } from 'mqtt';
import { type Duration, deviceTopic, type Instant, MINUTE } from '../devices/index.ts';
import { type NativeRecord, recordOf } from './devices.ts';
import type { Village } from './village.ts';
import { initialWorld, nextMinute, type World } from './world.ts';

export interface FleetOptions {
  readonly url: string;
  readonly village: Village;
  readonly credentials: Readonly<Record<string, { readonly username: string; readonly password: string }>>;
  readonly seed: number;
  /** When the history ends and the live part begins. */
  readonly now: Instant;
}

export interface Fleet {
  /** Sends the past, oldest first, as batches; comes back when all of it is acknowledged. */
  readonly history: (length: Duration, onProgress: (sent: number, total: number) => void) => Promise<number>;
  /** Sends one record per device at this instant. */
  readonly speak: (at: Instant) => Promise<void>;
  readonly counts: () => { readonly acknowledged: number; readonly failed: number };
  readonly stop: () => Promise<void>;
}

/** Records in one message, as a logger would send its buffer. */
const BATCH_RECORDS = 60;
/** Messages of one device under way: enough to keep the line busy, few enough for a small broker. */
const IN_FLIGHT = 8;
const RECONNECT_MS = 2_000;

interface Device {
  readonly sensor: {
    readonly place: string;
    readonly model: Village['devices'][number]['model'];
    readonly seed: number;
  };
  readonly topic: string;
  readonly client: MqttClient;
  seq: number;
}

/** Connects every device. @throws when a credential is missing or the broker refuses one */
export async function connectFleet(options: FleetOptions): Promise<Fleet> {
  const { village, seed, now } = options;
  const devices = await Promise.all(
    village.devices.map((device, index) => connectDevice(options, device, index)),
  );
  let acknowledged = 0;
  let failed = 0;
  let world: World = initialWorld(now, seed);

  const send = async (device: Device, payload: unknown): Promise<void> => {
    try {
      await device.client.publishAsync(device.topic, JSON.stringify(payload), { qos: 1 });
      acknowledged += 1;
    } catch {
      failed += 1;
    }
  };
  const record = (device: Device): NativeRecord => recordOf(device.sensor, world, device.seq++);

  return {
    history: async (length, onProgress) => {
      const minutes = Math.floor(length / MINUTE);
      world = initialWorld(now - minutes * MINUTE, seed);
      const waiting = devices.map((): NativeRecord[] => []);
      const underWay = devices.map((): Promise<void>[] => []);
      for (let minute = 0; minute < minutes; minute++) {
        world = nextMinute(world, seed, now);
        for (const [index, device] of devices.entries()) {
          const [batch, flights] = [waiting[index], underWay[index]];
          if (batch === undefined || flights === undefined) continue;
          batch.push(record(device));
          if (batch.length < BATCH_RECORDS && minute < minutes - 1) continue;
          flights.push(send(device, batch.splice(0)));
          if (flights.length >= IN_FLIGHT) await flights.shift();
        }
        if (minute % BATCH_RECORDS === 0) onProgress(minute, minutes);
      }
      await Promise.all(underWay.flat());
      onProgress(minutes, minutes);
      return minutes * devices.length;
    },
    speak: async (at) => {
      while (world.at + MINUTE <= at) world = nextMinute(world, seed, now);
      const between = world;
      world = { ...between, at };
      await Promise.all(devices.map((device) => send(device, record(device))));
      world = between;
    },
    counts: () => ({ acknowledged, failed }),
    stop: async () => {
      await Promise.all(devices.map(({ client }) => client.endAsync()));
    },
  };
}

async function connectDevice(
  { url, village, credentials, seed }: FleetOptions,
  { id, place, model }: Village['devices'][number],
  index: number,
): Promise<Device> {
  const credential = credentials[id];
  if (credential === undefined) throw new Error(`the credentials file has no entry for ${id}`);
  const { username, password } = credential;
  const status = deviceTopic(village.site.id, id, 'status');
  const client = await connectAsync(url, {
    clientId: username,
    username,
    password,
    reconnectPeriod: RECONNECT_MS,
    will: { topic: status, payload: Buffer.from('offline'), qos: 1, retain: true },
  });
  // A line that drops is what the reconnect is for.
  client.on('error', () => {});
  await client.publishAsync(status, 'online', { qos: 1, retain: true });
  return {
    sensor: { place, model, seed: seed + index * 101 },
    topic: deviceTopic(village.site.id, id, 'up'),
    client,
    seq: 0,
  };
}
