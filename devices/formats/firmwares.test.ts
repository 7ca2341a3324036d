import { describe, expect, it } from 'vitest';
import { type DecodedMessage, decodeMessage } from '../decode.ts';
import type { DecodeContext } from './envelope.ts';

const receivedAt = Date.UTC(2023, 3, 8, 14, 15);

function decode(
  topic: string,
  body: unknown,
  context: DecodeContext = {},
  at = receivedAt,
  retained = false,
): DecodedMessage {
  const payload = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
  return decodeMessage({ topic, payload, receivedAt: at, retained }, context);
}

const brief = ({ readings }: DecodedMessage): readonly string[] =>
  readings.map(({ channel, quantity, value }) => `${channel} ${quantity} ${value}`);
const reasons = ({ refusals }: DecodedMessage): readonly string[] => refusals.map(({ reason }) => reason);

describe('Zigbee2MQTT', () => {
  it('gives what it knows, in the units of the catalogue, under a name that may contain a slash', () => {
    const body = {
      temperature: 22.75,
      linkquality: 97,
      humidity: 55.43,
      pressure: 1000.6,
      battery: 86,
      voltage: 2965,
    };
    const decoded = decode('zigbee2mqtt/cold room/left', body);
    expect(brief(decoded)).toEqual([
      'main air_temperature 22.75',
      'main relative_humidity 55.43',
      'main air_pressure 100.06',
      'main battery_level 86',
      'main battery_voltage 2.965',
    ]);
    expect(decoded).toMatchObject({ refusals: [], format: 'zigbee2mqtt' });
    expect(decoded.readings[0]).toMatchObject({ device: 'cold room/left', clock: 'server' });
  });

  it('a contact is true while the door is closed; a mains voltage is no battery; null is no fault', () => {
    expect(brief(decode('zigbee2mqtt/d', { contact: false, temperature: null }))).toEqual([
      'main door_open 1',
    ]);
    expect(brief(decode('zigbee2mqtt/plug', { voltage: 231, state: 'ON' }))).toEqual([]);
    expect(reasons(decode('zigbee2mqtt/plug', { voltage: 231 }))).toEqual(['unknown_field']);
  });

  it('illuminance is in lux, and the raw number of version 1 is not read where lux comes with it', () => {
    expect(brief(decode('zigbee2mqtt/l', { illuminance: 28_000, illuminance_lux: 600 }))).toEqual([
      'main light 600',
    ]);
    expect(brief(decode('zigbee2mqtt/l', { illuminance: 600 }))).toEqual(['main light 600']);
  });

  it('last_seen says when it was measured; without it a retained state is hours old and refused', () => {
    const seen = { temperature: 4, last_seen: '2023-04-08T10:00:00+08:00' };
    const measuredAt = Date.UTC(2023, 3, 8, 2);
    expect(decode('zigbee2mqtt/a', seen, {}, receivedAt, true).readings).toMatchObject([
      { measuredAt, clock: 'network' },
    ]);
    expect(decode('zigbee2mqtt/a', { ...seen, last_seen: measuredAt }).readings).toMatchObject([
      { measuredAt },
    ]);
    const retained = decode('zigbee2mqtt/a', { temperature: 4 }, {}, receivedAt, true);
    expect(retained.readings).toEqual([]);
    expect(reasons(retained)).toEqual(['implausible_time']);
  });

  it('the bridge, availability and commands give nothing; a text and an absurd number are refused', () => {
    for (const topic of ['bridge/state', 'a/availability', 'a/set', 'a/get/temperature']) {
      expect(decode(`zigbee2mqtt/${topic}`, '{"temperature": 4}')).toMatchObject({
        readings: [],
        refusals: [],
      });
    }
    expect(reasons(decode('zigbee2mqtt/a', { temperature: '22 C', humidity: 327 }))).toEqual([
      'not_a_number',
      'out_of_range',
    ]);
    expect(reasons(decode('zigbee2mqtt/a', 'online'))).toEqual(['malformed']);
  });
});

describe('Tasmota', () => {
  const two = {
    Time: '2023-04-08T22:14:44',
    'DS18B20-1': { Id: '00000566CC39', Temperature: 13.3 },
    'DS18B20-2': { Id: '0000059352D4', Temperature: 1.2 },
    TempUnit: 'C',
  };
  const timeZoneOf = (): string => 'Asia/Shanghai';

  it('knows a probe by its id, whatever number it has, and its local time by the zone of the registry', () => {
    const decoded = decode('tele/shed/SENSOR', two, { timeZoneOf });
    expect(brief(decoded)).toEqual(['00000566CC39 air_temperature 13.3', '0000059352D4 air_temperature 1.2']);
    const measuredAt = Date.UTC(2023, 3, 8, 14, 14, 44);
    expect(decoded.readings[0]).toMatchObject({ device: 'shed', measuredAt, clock: 'device' });
    const renumbered = { ...two, 'DS18B20-1': two['DS18B20-2'], 'DS18B20-2': two['DS18B20-1'] };
    expect(brief(decode('tele/shed/SENSOR', renumbered, { timeZoneOf })).toSorted()).toEqual(
      brief(decoded).toSorted(),
    );
  });

  it('without a zone keeps the values at the time of the server and says what is missing', () => {
    const decoded = decode('tele/shed/SENSOR', two);
    expect(decoded.readings).toMatchObject([
      { clock: 'server', measuredAt: receivedAt },
      { clock: 'server' },
    ]);
    expect(decoded.refusals).toMatchObject([{ reason: 'time_zone_missing', field: 'Time' }]);
    expect(decode('tele/shed/SENSOR', { ...two, Time: '2023-04-08T22:14:44+08:00' }).refusals).toEqual([]);
    expect(reasons(decode('tele/shed/SENSOR', { ...two, Time: 'yesterday' }, { timeZoneOf }))).toEqual([
      'implausible_time',
    ]);
    expect(reasons(decode('tele/shed/SENSOR', two, { timeZoneOf: () => 'Mars/Olympus' }))).toEqual([
      'implausible_time',
    ]);
  });

  it('converts Fahrenheit and mmHg; a lone probe is known by its name', () => {
    const body = {
      DS18B20: { Temperature: 39.2 },
      BME280: { Pressure: 750, DewPoint: 3 },
      TempUnit: 'F',
      PressureUnit: 'mmHg',
    };
    expect(brief(decode('shed/tele/SENSOR', body))).toEqual([
      'DS18B20 air_temperature 4',
      'BME280 air_pressure 99.991790561',
    ]);
  });

  it('null and the 85 degC of a probe that just woke are refused', () => {
    const body = { DS18B20: { Temperature: null }, 'DS18B20-2': { Temperature: 85 }, ENERGY: { Power: 12 } };
    expect(decode('tele/shed/SENSOR', body).readings).toEqual([]);
    expect(reasons(decode('tele/shed/SENSOR', body))).toEqual([
      'sensor_fault',
      'out_of_range',
      'unknown_field',
    ]);
  });

  it('states and last wills give nothing', () => {
    expect(decode('tele/shed/LWT', 'Online')).toMatchObject({ readings: [], refusals: [] });
    expect(decode('tele/shed/STATE', { Time: '2017-02-16T10:13:52', Vcc: 3 })).toMatchObject({
      readings: [],
      refusals: [],
    });
  });
});

describe('Shelly Gen2+', () => {
  const device = 'shellyplusht-b8d61a8b17cc';
  const full = {
    src: device,
    dst: `${device}/events`,
    method: 'NotifyFullStatus',
    params: {
      ts: 1680962879.62,
      'devicepower:0': { id: 0, battery: { V: 0.43, percent: 0 }, external: { present: true } },
      'humidity:0': { id: 0, rh: 42.2 },
      'temperature:0': { id: 0, tC: 19.8, tF: 67.6 },
      sys: { wakeup_period: 600 },
    },
  };

  it('gives the values at the time of the device; the empty battery bay of a mains device is no battery', () => {
    const decoded = decode(`${device}/events/rpc`, full);
    expect(brief(decoded)).toEqual(['main relative_humidity 42.2', 'main air_temperature 19.8']);
    expect(decoded.readings[0]).toMatchObject({ device, measuredAt: 1_680_962_879_620, clock: 'device' });
    expect(decoded.refusals).toEqual([]);
  });

  it('reads the battery of a device without a cable, and add-on probes as channels', () => {
    const params = {
      'devicepower:0': { id: 0, battery: { V: 5.9, percent: 87 }, external: { present: false } },
      'temperature:101': { id: 101, tC: -18.4, tF: -1.1 },
      'temperature:100': { id: 100, tC: null, errors: ['read'] },
    };
    const decoded = decode('cold/room/events/rpc', { method: 'NotifyStatus', params });
    expect(brief(decoded)).toEqual([
      'main battery_level 87',
      'main battery_voltage 5.9',
      'probe-101 air_temperature -18.4',
    ]);
    expect(decoded.refusals).toMatchObject([
      { reason: 'sensor_fault', channel: 'probe-100', device: 'cold/room' },
    ]);
  });

  it('reads single components; events and presence give nothing', () => {
    expect(brief(decode('x/status/temperature:0', { id: 0, tC: 4.2 }))).toEqual(['main air_temperature 4.2']);
    expect(decode('x/online', 'true')).toMatchObject({ readings: [], refusals: [] });
    expect(decode('x/events/rpc', { method: 'NotifyEvent', params: { events: [] } })).toMatchObject({
      readings: [],
      refusals: [],
    });
    expect(reasons(decode('x/events/rpc', { method: 'NotifyStatus' }))).toEqual(['malformed']);
  });
});

describe('Ruuvi Gateway', () => {
  const topic = 'ruuvi/C8:25:2D:8E:9C:2C/F4:1F:0C:28:CB:D6';
  const at = 1_653_668_030_000;
  const body = {
    gw_mac: 'C8:25:2D:8E:9C:2C',
    rssi: -26,
    aoa: [],
    gwts: '1653668027',
    ts: '1653668027',
    data: '0201061BFF99040515AE4C6DC6D7000CFFF803F4ADB6AD697FF41F0C28CBD6',
    coords: '',
  };

  it('gives the values of the tag at the time of the gateway, with its sequence as identity', () => {
    const decoded = decode(topic, body, {}, at);
    expect(brief(decoded)).toEqual([
      'main signal_rssi -26',
      'main air_temperature 27.75',
      'main relative_humidity 48.9125',
      'main air_pressure 100.903',
      'main battery_voltage 2.989',
    ]);
    expect(decoded).toMatchObject({ refusals: [], identity: 'seq:27007' });
    expect(decoded.readings[0]).toMatchObject({
      device: 'f41f0c28cbd6',
      measuredAt: 1_653_668_027_000,
      clock: 'network',
    });
  });

  it('values that are not available are refused one by one', () => {
    const data = '0201061BFF99040580004C6DFFFF000CFFF803F4FFF6AD697FF41F0C28CBD6';
    const decoded = decode(topic, { ...body, data }, {}, at);
    expect(brief(decoded)).toEqual(['main signal_rssi -26', 'main relative_humidity 48.9125']);
    expect(reasons(decoded)).toEqual(['sensor_fault', 'sensor_fault', 'sensor_fault']);
  });

  it.each([
    ['the frame of another tag', { ...body, data: body.data.replace('CBD6', 'CBD7') }, 'malformed'],
    ['an advertisement cut inside the frame', { ...body, data: body.data.slice(0, -2) }, 'truncated'],
    [
      'another maker',
      { ...body, data: '0201061BFF4C000515AE4C6DC6D7000CFFF803F4ADB6AD697FF41F0C28CBD6' },
      'truncated',
    ],
    ['odd hexadecimal', { ...body, data: '020' }, 'malformed'],
    ['no data', { ts: '1653668027' }, 'malformed'],
  ])('%s is refused', (_, wrong, reason) => {
    expect(decode(topic, wrong, {}, at)).toMatchObject({ readings: [], refusals: [{ reason }] });
  });

  it('the state of the gateway gives nothing', () => {
    expect(decode('ruuvi/C8:25:2D:8E:9C:2C/gw_status', '{}')).toMatchObject({ readings: [], refusals: [] });
  });
});

it('a topic of nobody is refused with what would be understood', () => {
  for (const topic of ['sensors/1', 'greenlane/a/b', 'greenlane/a/b/up/c', 'greenlane/a/../up', '']) {
    expect(decode(topic, '{}')).toMatchObject({ readings: [], refusals: [{ reason: 'unknown_topic' }] });
  }
  for (const leaf of ['status', 'down']) {
    expect(decode(`greenlane/a/b/${leaf}`, '{"co2": 1}')).toEqual({ readings: [], refusals: [] });
  }
});
