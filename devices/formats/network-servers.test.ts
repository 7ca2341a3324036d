import { describe, expect, it } from 'vitest';
import { parseHex } from '../bytes.ts';
import { type DecodedMessage, decodeMessage } from '../decode.ts';
import type { DecodeContext } from './envelope.ts';

const receivedAt = Date.UTC(2023, 4, 22, 7, 47, 6);
const modelOf = (): string => 'milesight/em500-smtc';

function decode(topic: string, body: unknown, context: DecodeContext = { modelOf }): DecodedMessage {
  const payload = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
  return decodeMessage({ topic, payload, receivedAt }, context);
}

const brief = ({ readings }: DecodedMessage): readonly string[] =>
  readings.map(({ channel, quantity, value }) => `${channel} ${quantity} ${value}`);
const reasons = ({ refusals }: DecodedMessage): readonly string[] => refusals.map(({ reason }) => reason);
const base64 = (hex: string): string => Buffer.from(parseHex(hex)!).toString('base64');

describe('ChirpStack v4', () => {
  const topic = 'application/ca739e26/device/1000000000000001/event/up';
  const uplink = {
    deduplicationId: '57433366-50a6-4dc2-8145-2df1bbc70d9e',
    time: '2023-05-22T07:47:05.404859+00:00',
    deviceInfo: { deviceName: 'Device name', devEui: '1000000000000001', tags: {} },
    devAddr: '20000001',
    adr: true,
    dr: 5,
    fCnt: 4,
    fPort: 85,
    confirmed: false,
    data: 'AXVkA2cZAQRocwV/8AA=',
    rxInfo: [
      { gatewayId: '6a7e111a10000000', rssi: -35, snr: 11.5 },
      { gatewayId: '6a7e111a10000001', rssi: -101, snr: -3 },
    ],
  };

  it('gives the values of the frame and the signal at the best gateway, at the time of the network', () => {
    const decoded = decode(topic, uplink);
    expect(brief(decoded)).toEqual([
      'main signal_rssi -35',
      'main signal_snr 11.5',
      'main battery_level 100',
      'main soil_temperature 28.1',
      'main soil_moisture 57.5',
      'main soil_ec 0.24',
    ]);
    expect(decoded).toMatchObject({ refusals: [], identity: 'fcnt:20000001:4', format: 'chirpstack' });
    for (const reading of decoded.readings) {
      const measuredAt = Date.UTC(2023, 4, 22, 7, 47, 5, 404);
      expect(reading).toMatchObject({ device: '1000000000000001', measuredAt, receivedAt, clock: 'network' });
    }
  });

  it('our decoder on the raw frame wins over the decoded object: a failed probe is suspect, not -0.1 degC', () => {
    const body = { ...uplink, rxInfo: [], data: base64('0367FFFF'), object: { temperature: -0.1 } };
    const fieldsOf = () => [{ path: 'temperature', quantity: 'soil_temperature' as const }];
    expect(decode(topic, body, { modelOf, fieldsOf }).readings).toMatchObject([
      { value: -0.1, suspect: 'ambiguous_fault' },
    ]);
    expect(decode(topic, body, { fieldsOf }).readings).toEqual([
      expect.not.objectContaining({ suspect: expect.anything() }),
    ]);
  });

  it('a decoded object counts only by the fields the registry gives', () => {
    const { data: _, ...body } = { ...uplink, rxInfo: [], object: { temperature: 4.2 } };
    expect(reasons(decode(topic, body, {}))).toEqual(['unknown_model']);
    const fieldsOf = () => [{ path: 'temperature', quantity: 'product_temperature' as const }];
    expect(brief(decode(topic, body, { fieldsOf }))).toEqual(['main product_temperature 4.2']);
    expect(reasons(decode(topic, { ...body, object: { t: 4.2 } }, { fieldsOf }))).toEqual(['unknown_field']);
  });

  it('fields left out because they are zero are zero', () => {
    const { fCnt: _, fPort: __, ...body } = uplink;
    expect(decode(topic, body).identity).toBe('fcnt:20000001:0');
  });

  it('a frame of an unknown device or model is refused, its signal strength kept', () => {
    expect(brief(decode(topic, uplink, {}))).toEqual(['main signal_rssi -35', 'main signal_snr 11.5']);
    expect(reasons(decode(topic, uplink, {}))).toEqual(['unknown_model']);
    expect(reasons(decode(topic, uplink, { modelOf: () => 'milesight/em9' }))).toEqual(['unknown_model']);
  });

  it('history keeps its own time on the clock of the device, and is refused without an honest one', () => {
    const data = base64('20CE 9E744663 1001 5D 00 20CE 00000000 1001 5D 00');
    const decoded = decode(topic, { ...uplink, rxInfo: [], data }, { modelOf: () => 'milesight/em300-th' });
    expect(decoded.readings).toMatchObject([
      { value: 27.2, measuredAt: 1_665_561_758_000, clock: 'device' },
      { value: 46.5, measuredAt: 1_665_561_758_000, clock: 'device' },
    ]);
    expect(reasons(decoded)).toEqual(['implausible_time', 'implausible_time']);
  });

  it('a time that cannot be believed is replaced by that of the server, and said', () => {
    const decoded = decode(topic, { ...uplink, time: '1970-01-01T00:00:00Z' });
    expect(decoded.readings[0]).toMatchObject({ measuredAt: receivedAt, clock: 'server' });
    expect(reasons(decoded)).toEqual(['implausible_time']);
  });

  it('a status event gives the battery, other events nothing', () => {
    const at = topic.replace('/up', '/status');
    expect(brief(decode(at, { time: uplink.time, margin: 7, batteryLevel: 85.5 }))).toEqual([
      'main battery_level 85.5',
    ]);
    expect(brief(decode(at, { margin: 7, batteryLevel: 0, batteryLevelUnavailable: true }))).toEqual([]);
    for (const event of ['join', 'ack', 'txack', 'log', 'location', 'integration']) {
      expect(decode(topic.replace('/up', `/${event}`), uplink)).toMatchObject({ readings: [], refusals: [] });
    }
  });

  it('the registry may say that a channel measures another quantity of the same unit, never of another', () => {
    const asPulp: DecodeContext = {
      modelOf,
      quantityOf: (_, __, q) => (q === 'soil_temperature' ? 'product_temperature' : 'co2'),
    };
    const quantities = decode(topic, uplink, asPulp).readings.map(({ quantity }) => quantity);
    expect(quantities).toContain('product_temperature');
    expect(quantities).not.toContain('co2');
  });

  it.each([
    ['a payload that is not base64', { ...uplink, data: '01 75 64' }],
    ['a payload cut inside its base64', { ...uplink, data: 'AXVkA2cZAQRocwV/8A' }],
    ['a port that is not a number', { ...uplink, fPort: '85' }],
    ['another DevEUI than in the topic', { ...uplink, deviceInfo: { devEui: '2000000000000002' } }],
    ['a list', []],
    ['Protobuf', '\n\u0012\u0008'],
  ])('%s is refused as malformed', (_, body) => {
    expect(decode(topic, body)).toMatchObject({
      readings: [],
      refusals: [{ reason: 'malformed', device: '1000000000000001' }],
    });
  });
});

describe('The Things Stack v3', () => {
  const topic = 'v3/app1@ttn/devices/dev1/up';
  const uplink = {
    end_device_ids: {
      device_id: 'dev1',
      application_ids: { application_id: 'app1' },
      dev_eui: '0004A30B001C0530',
      dev_addr: '01DA80AC',
    },
    received_at: '2023-05-22T07:46:46.014773143Z',
    uplink_message: {
      session_key_id: 'AXA50==',
      f_cnt: 1,
      f_port: 85,
      frm_payload: 'AXVkA2cZAQRocwV/8AA=',
      decoded_payload: { temperature: 1.0, luminosity: 0.64 },
      rx_metadata: [
        { gateway_ids: { gateway_id: 'gtw1' }, time: '2023-05-22T07:46:45.787Z', rssi: -35, snr: 5.2 },
      ],
    },
  };

  it('gives the values of the frame under the DevEUI, so that a change of network is no change of device', () => {
    const decoded = decode(topic, uplink);
    expect(brief(decoded)).toContain('main soil_moisture 57.5');
    expect(decoded).toMatchObject({ refusals: [], identity: 'fcnt:AXA50==:1', format: 'the-things-stack' });
    const measuredAt = Date.UTC(2023, 4, 22, 7, 46, 46, 14);
    expect(decoded.readings[0]).toMatchObject({ device: '0004a30b001c0530', measuredAt, clock: 'network' });
  });

  it('a message made on the console never counts', () => {
    const decoded = decode(topic, { ...uplink, simulated: true });
    expect(decoded).toMatchObject({ readings: [], refusals: [{ reason: 'simulated' }] });
  });

  it('without a DevEUI the device is the one of the topic, also without a tenant', () => {
    const body = { ...uplink, end_device_ids: { device_id: 'dev1' } };
    expect(decode(topic.replace('@ttn', ''), body).readings[0]?.device).toBe('dev1');
    expect(reasons(decode(topic.replace('dev1', 'dev2'), body))).toEqual(['malformed']);
  });

  it('joins, downlinks and locations give nothing', () => {
    for (const leaf of ['join', 'down/queued', 'service/data', 'location/solved']) {
      expect(decode(topic.replace('/up', `/${leaf}`), uplink)).toMatchObject({ readings: [], refusals: [] });
    }
  });
});
