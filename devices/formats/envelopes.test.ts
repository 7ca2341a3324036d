import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage } from '../decode.ts';
import { envelopes, findEnvelope } from '../envelopes.ts';
import { models } from '../models.ts';
import { isPossible } from '../quantity.ts';
import { refusalReasons } from '../reading.ts';
import { isPlausible } from '../time.ts';
import { encodeSparkplug } from './sparkplug-payload.ts';

const receivedAt = Date.UTC(2026, 8, 21, 12);
const utf8 = new TextEncoder();
const json = (body: unknown): Uint8Array => utf8.encode(JSON.stringify(body));
const time = new Date(receivedAt - 60_000).toISOString();
const seconds = receivedAt / 1_000 - 60;

/** One typical message of each envelope. */
const samples: ReadonlyMap<string, readonly [string, Uint8Array]> = new Map([
  [
    'chirpstack',
    [
      'application/1/device/a840410000000001/event/up',
      json({
        time,
        devAddr: '20000001',
        fCnt: 4,
        fPort: 85,
        data: 'AXVkA2cZAQRocwV/8AA=',
        object: { t: 4.2 },
        rxInfo: [{ rssi: -35, snr: 11.5 }],
      }),
    ],
  ],
  [
    'the-things-stack',
    [
      'v3/app@t/devices/dev1/up',
      json({
        end_device_ids: { device_id: 'dev1', dev_eui: 'A840410000000001' },
        uplink_message: {
          f_cnt: 1,
          f_port: 85,
          frm_payload: 'AXVkA2cZAQRocwV/8AA=',
          received_at: time,
          rx_metadata: [{ rssi: -35 }],
        },
      }),
    ],
  ],
  [
    'zigbee2mqtt',
    [
      'zigbee2mqtt/cold room/left',
      json({ temperature: 4.2, humidity: 91.5, battery: 86, voltage: 2965, last_seen: time }),
    ],
  ],
  [
    'ruuvi-gateway',
    [
      'ruuvi/C8:25:2D:8E:9C:2C/F4:1F:0C:28:CB:D6',
      json({
        ts: `${seconds}`,
        rssi: -26,
        data: '0201061BFF99040515AE4C6DC6D7000CFFF803F4ADB6AD697FF41F0C28CBD6',
      }),
    ],
  ],
  [
    'sparkplug',
    [
      'spBv1.0/g/DBIRTH/e/d',
      encodeSparkplug({
        timestamp: receivedAt,
        seq: 0,
        metrics: [
          { name: 'a/co2', alias: 1, datatype: 7, intValue: 612 },
          { name: 'temperature', datatype: 9, floatValue: 4.2 },
        ],
      }),
    ],
  ],
  ['home-assistant', ['homeassistant/sensor/x/s', json({ a: { temperature: 4.2, humidity: 91.5 } })]],
  [
    'tasmota',
    [
      'tele/shed/SENSOR',
      json({ Time: time, DS18B20: { Id: '00000566CC39', Temperature: 13.3 }, TempUnit: 'C' }),
    ],
  ],
  [
    'shelly',
    [
      'shelly-1/events/rpc',
      json({
        method: 'NotifyStatus',
        params: {
          ts: seconds,
          'temperature:0': { id: 0, tC: 4.2 },
          'devicepower:0': { battery: { V: 5.9, percent: 87 } },
        },
      }),
    ],
  ],
]);

const announced = decodeMessage({
  topic: 'homeassistant/sensor/x/config',
  payload: json({
    dev_cla: 'temperature',
    stat_t: 'homeassistant/sensor/x/s',
    val_tpl: '{{ value_json.a.temperature }}',
  }),
  receivedAt,
});
const context = {
  modelOf: () => 'milesight/em500-smtc',
  timeZoneOf: () => 'Asia/Shanghai',
  fieldsOf: (device: string) =>
    device.startsWith('a84') ? [{ path: 't', quantity: 'air_temperature' as const }] : undefined,
  state: announced.state ?? {},
};

/** What must hold for any message at all. */
function checked(topic: string, payload: Uint8Array): number {
  const { readings, refusals } = decodeMessage({ topic, payload, receivedAt }, context);
  for (const { quantity, value, measuredAt } of readings) {
    expect(isPossible(quantity, value)).toBe(true);
    expect(isPlausible(measuredAt, receivedAt)).toBe(true);
  }
  for (const { reason } of refusals) expect(refusalReasons).toContain(reason);
  return readings.length;
}

describe.each(envelopes.map((envelope) => [envelope.id, envelope] as const))('%s', (id) => {
  const [topic, payload] = samples.get(id) ?? ['', new Uint8Array()];

  it('takes its sample and gives values', () => {
    expect(findEnvelope(topic)?.id).toBe(id);
    expect(decodeMessage({ topic, payload, receivedAt }, context).refusals).toEqual([]);
    expect(checked(topic, payload)).toBeGreaterThan(0);
  });

  it('a message cut at any byte raises nothing, and gives no value where it is JSON', () => {
    for (let length = 0; length < payload.length; length += 1) {
      const values = checked(topic, payload.subarray(0, length));
      if (id !== 'sparkplug') expect(values).toBe(0);
    }
  });

  it('a message with up to 4 damaged bytes, random JSON, random bytes and other topics raise nothing', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    const damaged = damage.map((changes) => {
      const bytes = payload.slice();
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
      return bytes;
    });
    const noise = fc.oneof(
      { weight: 3, arbitrary: damaged },
      fc.json().map((text) => utf8.encode(text)),
      fc.uint8Array(),
    );
    const level = fc.constantFrom(
      ...topic.split('/'),
      '',
      'up',
      'config',
      'NBIRTH',
      'NDATA',
      'NDEATH',
      '__proto__',
    );
    const topics = fc.oneof(
      fc.constant(topic),
      fc.array(level, { maxLength: 7 }).map((rest) => [topic.split('/')[0], ...rest].join('/')),
    );
    fc.assert(
      fc.property(topics, noise, (at, bytes) => void checked(at, bytes)),
      { numRuns: 1_000 },
    );
  });

  it('any value may be replaced by one of another kind without raising anything', () => {
    if (id === 'sparkplug') return;
    const text = new TextDecoder().decode(payload);
    const other = fc.constantFrom(
      'null',
      '[]',
      '{}',
      '""',
      '"x"',
      '-1',
      '1e400',
      'true',
      '{"__proto__":{"a":1}}',
      '9'.repeat(400),
    );
    const spots = [...text.matchAll(/(?<=:)(?:"[^"]*"|[\d.-]+)/g)];
    const property = fc.property(fc.constantFrom(...spots), other, (spot, value) => {
      checked(
        topic,
        utf8.encode(text.slice(0, spot.index) + value + text.slice(spot.index + spot[0].length)),
      );
    });
    fc.assert(property, { numRuns: 500 });
  });
});

it('every envelope has a sample here, and the catalogue table names all of them and all models', () => {
  expect([...samples.keys()].toSorted()).toEqual(envelopes.map(({ id }) => id).toSorted());
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const { title } of envelopes) expect(readme).toContain(title);
  for (const { id } of models) expect(readme).toContain(`\`${id}\``);
});
