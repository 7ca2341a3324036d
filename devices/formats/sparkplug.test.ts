import { describe, expect, it } from 'vitest';
import { parseHex } from '../bytes.ts';
import { type DecodedMessage, decodeMessage } from '../decode.ts';
import type { FormatState } from './envelope.ts';
import { encodeSparkplug, type SparkplugPayload } from './sparkplug-payload.ts';

const timestamp = 1_780_000_000_000;
const receivedAt = timestamp + 1_000;

type Step = readonly [string, SparkplugPayload | Uint8Array];

function run(...steps: readonly Step[]): DecodedMessage {
  let state: FormatState | undefined;
  let last: DecodedMessage = { readings: [], refusals: [] };
  for (const [topic, body] of steps) {
    const payload = body instanceof Uint8Array ? body : encodeSparkplug({ timestamp, ...body });
    last = decodeMessage(
      { topic: `spBv1.0/${topic}`, payload, receivedAt },
      state === undefined ? {} : { state },
    );
    if (last.state !== undefined) state = JSON.parse(JSON.stringify(last.state)) as FormatState;
  }
  return last;
}

const brief = ({ readings }: DecodedMessage): readonly string[] =>
  readings.map(({ device, channel, quantity, value }) => `${device} ${channel} ${quantity} ${value}`);
const reasons = ({ refusals }: DecodedMessage): readonly string[] => refusals.map(({ reason }) => reason);

const float = 9;
const birth: Step = [
  'pack/NBIRTH/edge',
  {
    seq: 0,
    metrics: [
      { name: 'bdSeq', datatype: 8, longValue: 3 },
      { name: 'room-1/product_temperature', alias: 1, datatype: float, floatValue: 3.9 },
      {
        name: 'room-1/temperature',
        alias: 2,
        datatype: float,
        floatValue: 39.2,
        properties: { keys: ['engUnit'], values: [{ stringValue: '°F' }] },
      },
    ],
  },
];

describe('Sparkplug B', () => {
  it('reads a real payload: names, times, floats of 7 digits; what is about the lot is passed over', () => {
    const hex =
      '0880909282e733121b0a0b74656d70657261747572651880909282e7332009656666864012180a0868756d69646974791880909282e7332009650000b742121c0a0e50726f706572746965732f6c6f74200c7a084c4f542d303030311803';
    const decoded = run(['pack/DDATA/edge/room', parseHex(hex)!]);
    expect(brief(decoded)).toEqual([
      'pack/edge/room main air_temperature 4.2',
      'pack/edge/room main relative_humidity 91.5',
    ]);
    expect(decoded).toMatchObject({ refusals: [], format: 'sparkplug' });
    expect(decoded.readings[0]).toMatchObject({ measuredAt: timestamp, clock: 'device' });
  });

  it('a birth gives values, and the meaning and unit of the aliases after it', () => {
    expect(brief(run(birth))).toEqual([
      'pack/edge room-1 product_temperature 3.9',
      'pack/edge room-1 air_temperature 4',
    ]);
    const data: Step = ['pack/NDATA/edge', { seq: 1, metrics: [{ alias: 2, floatValue: 41 }] }];
    expect(brief(run(birth, data))).toEqual(['pack/edge room-1 air_temperature 5']);
    expect(reasons(run(data))).toEqual(['unknown_field']);
  });

  it('a device of the node has births of its own', () => {
    const device: Step = [
      'pack/DBIRTH/edge/room',
      { seq: 1, metrics: [{ name: 'co2', alias: 9, datatype: 7, intValue: 612 }] },
    ];
    expect(brief(run(birth, device))).toEqual(['pack/edge/room main co2 612']);
    const data: Step = ['pack/DDATA/edge/room', { seq: 2, metrics: [{ alias: 9, intValue: 700 }] }];
    expect(brief(run(birth, device, data))).toEqual(['pack/edge/room main co2 700']);
  });

  it('after a missed message an alias is not believed until the next birth; a name is, and a copy is no gap', () => {
    const data = (seq: number): Step => ['pack/NDATA/edge', { seq, metrics: [{ alias: 1, floatValue: 5 }] }];
    expect(brief(run(birth, data(1), data(1)))).toHaveLength(1);
    expect(reasons(run(birth, data(3)))).toEqual(['unknown_field']);
    expect(reasons(run(birth, data(3), data(4)))).toEqual(['unknown_field']);
    expect(brief(run(birth, data(3), birth, data(1)))).toHaveLength(1);
    const named: Step = [
      'pack/NDATA/edge',
      { seq: 9, metrics: [{ name: 'temperature', datatype: float, floatValue: 5 }] },
    ];
    expect(brief(run(birth, named))).toEqual(['pack/edge main air_temperature 5']);
  });

  it('a death ends the aliases; commands and host states give nothing', () => {
    const data: Step = ['pack/NDATA/edge', { seq: 1, metrics: [{ alias: 1, floatValue: 5 }] }];
    expect(reasons(run(birth, ['pack/NDEATH/edge', {}], data))).toEqual(['unknown_field']);
    for (const topic of ['pack/NCMD/edge', 'pack/DCMD/edge/room', 'STATE/host']) {
      expect(run([topic, { metrics: [{ name: 'co2', intValue: 1 }] }])).toMatchObject({
        readings: [],
        refusals: [],
      });
    }
  });

  it('quality other than good, null, texts and impossible values are refused', () => {
    const metric = (rest: object): Step => [
      'p/NDATA/e',
      { metrics: [{ name: 'temperature', datatype: float, ...rest }] },
    ];
    const quality = (value: number) => ({
      floatValue: 4,
      properties: { keys: ['Quality'], values: [{ intValue: value }] },
    });
    expect(brief(run(metric(quality(192))))).toHaveLength(1);
    expect(run(metric({ floatValue: 0 })).readings).toMatchObject([{ value: 0 }]);
    expect(reasons(run(metric(quality(0))))).toEqual(['sensor_fault']);
    expect(reasons(run(metric(quality(500))))).toEqual(['sensor_fault']);
    expect(reasons(run(metric({ isNull: true })))).toEqual(['sensor_fault']);
    expect(reasons(run(metric({ datatype: 12, stringValue: '4.2 C' })))).toEqual(['not_a_number']);
    expect(reasons(run(metric({})))).toEqual(['not_a_number']);
    expect(reasons(run(metric({ floatValue: Number.NaN })))).toEqual(['out_of_range']);
    expect(reasons(run(metric({ floatValue: 3276.7 })))).toEqual(['out_of_range']);
  });

  it.each([
    [1, { intValue: 0xfb }, -5],
    [1, { intValue: 0xfffffffb }, -5],
    [2, { intValue: 0xfffb }, -5],
    [3, { intValue: 0xfffffffb }, -5],
    [4, { longValue: 5 }, 5],
    [7, { intValue: 5 }, 5],
    [10, { doubleValue: -5.25 }, -5.25],
  ])('a number of data type %i is read with its sign', (datatype, value, expected) => {
    const { readings } = run(['p/NDATA/e', { metrics: [{ name: 'temperature', datatype, ...value }] }]);
    expect(readings).toMatchObject([{ value: expected }]);
  });

  it('history keeps its own time, and is refused without an honest one; a live value has the time of the message', () => {
    const metric = (rest: object): Step => [
      'p/NDATA/e',
      { metrics: [{ name: 'temperature', datatype: float, floatValue: 4, ...rest }] },
    ];
    const hourMs = 3_600_000;
    expect(run(metric({ isHistorical: true, timestamp: timestamp - hourMs })).readings).toMatchObject([
      { measuredAt: timestamp - hourMs, clock: 'device' },
    ]);
    expect(run(metric({ isHistorical: true, timestamp: 5 }))).toMatchObject({
      readings: [],
      refusals: [{ reason: 'implausible_time' }],
    });
    expect(run(metric({ timestamp: 5 })).readings).toMatchObject([
      { measuredAt: timestamp, clock: 'device' },
    ]);
  });

  it('bytes that are no payload are refused, and a payload cut at any byte gives no value that it did not hold', () => {
    expect(reasons(run(['p/NDATA/e', Uint8Array.of(0xff, 0xff, 0xff)]))).toEqual(['malformed']);
    const whole = encodeSparkplug({
      timestamp,
      seq: 0,
      metrics: birth[1] instanceof Uint8Array ? [] : birth[1].metrics!,
    });
    const values = run(['p/NBIRTH/e', whole]).readings.map(({ value }) => value);
    for (let length = 0; length < whole.length; length += 1) {
      for (const { value } of run(['p/NBIRTH/e', whole.subarray(0, length)]).readings)
        expect(values).toContain(value);
    }
  });
});
