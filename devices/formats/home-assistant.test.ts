import { describe, expect, it } from 'vitest';
import { type DecodedMessage, decodeMessage } from '../decode.ts';
import type { FormatState } from './envelope.ts';
import { MAX_ENTITIES, parseTemplate } from './home-assistant-config.ts';

const receivedAt = Date.UTC(2026, 8, 21, 12);

function decode(topic: string, body: unknown, state?: FormatState): DecodedMessage {
  const payload = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
  return decodeMessage({ topic, payload, receivedAt }, state === undefined ? {} : { state });
}

/** Sends messages in order and gives the last one's result. */
function lastOf(...messages: readonly (readonly [string, unknown])[]): DecodedMessage {
  let state: FormatState | undefined;
  let last: DecodedMessage = { readings: [], refusals: [] };
  for (const [topic, body] of messages) {
    last = decode(topic, body, state);
    // State goes through JSON as it does when it is committed.
    if (last.state !== undefined) state = JSON.parse(JSON.stringify(last.state)) as FormatState;
  }
  return last;
}

const brief = ({ readings }: DecodedMessage): readonly string[] =>
  readings.map(({ device, channel, quantity, value }) => `${device} ${channel} ${quantity} ${value}`);
const reasons = ({ refusals }: DecodedMessage): readonly string[] => refusals.map(({ reason }) => reason);

const bedroomT = [
  'homeassistant/sensor/sensorBedroomT/config',
  {
    device_class: 'temperature',
    name: 'Temperature',
    state_topic: 'homeassistant/sensor/sensorBedroom/state',
    unit_of_measurement: '°C',
    value_template: '{{ value_json.temperature}}',
    device: { identifiers: ['bedroom'] },
  },
] as const;
const bedroomH = [
  'homeassistant/sensor/sensorBedroomH/config',
  {
    dev_cla: 'humidity',
    stat_t: '~/state',
    '~': 'homeassistant/sensor/sensorBedroom',
    unit_of_meas: '%',
    val_tpl: "{{ value_json['humidity'] | float(0) | round(1) }}",
    dev: { ids: 'bedroom' },
  },
] as const;
const state = ['homeassistant/sensor/sensorBedroom/state', { temperature: 23.2, humidity: 43.7 }] as const;

describe('Home Assistant discovery', () => {
  it('reads a state once the announcements said what its fields are, in long and in short names', () => {
    expect(reasons(decode('shed/esp/state', '{"temperature": 1}'))).toEqual(['unknown_topic']);
    expect(brief(lastOf(bedroomT, state))).toEqual(['bedroom main air_temperature 23.2']);
    const both = lastOf(bedroomT, bedroomH, state);
    expect(brief(both)).toEqual(['bedroom main air_temperature 23.2', 'bedroom main relative_humidity 43.7']);
    expect(both).toMatchObject({ refusals: [], format: 'home-assistant' });
  });

  it('converts the unit, reads a bare state, and tells two sensors of one kind apart by their names', () => {
    const announce = (id: string) =>
      [
        `homeassistant/sensor/shed/${id}/config`,
        {
          dev_cla: 'temperature',
          unit_of_meas: '°F',
          stat_t: `shed/sensor/${id}/state`,
          dev: { ids: ['shed'] },
        },
      ] as const;
    const messages = [announce('temperature'), announce('crate_temperature')];
    expect(brief(lastOf(...messages, ['shed/sensor/temperature/state', '39.2']))).toEqual([
      'shed main air_temperature 4',
    ]);
    expect(brief(lastOf(...messages, ['shed/sensor/crate_temperature/state', '32']))).toEqual([
      'shed crate_temperature air_temperature 0',
    ]);
  });

  it('reads the names before the last one as the channel', () => {
    const config = {
      dev_cla: 'temperature',
      unit_of_meas: '°C',
      stat_t: 'x/s',
      val_tpl: '{{ value_json.DS18B20.Temperature }}',
    };
    const decoded = lastOf(
      ['homeassistant/sensor/x/t/config', config],
      ['x/s', { DS18B20: { Temperature: 4.2 } }],
    );
    expect(brief(decoded)).toEqual(['x DS18B20 air_temperature 4.2']);
  });

  it('reads a door by what it says when it is open', () => {
    const config = { dev_cla: 'door', stat_t: 'x/door', pl_on: 'open', pl_off: 'shut' };
    const announced = ['homeassistant/binary_sensor/x/door/config', config] as const;
    expect(brief(lastOf(announced, ['x/door', 'open']))).toEqual(['x main door_open 1']);
    expect(brief(lastOf(announced, ['x/door', 'shut']))).toEqual(['x main door_open 0']);
    expect(reasons(lastOf(announced, ['x/door', 'ajar']))).toEqual(['not_a_number']);
  });

  it('reads one announcement of a whole device, and takes it back when it is empty', () => {
    const topic = 'homeassistant/device/greenhouse/config';
    const config = {
      dev: { ids: 'greenhouse' },
      state_topic: 'gh/state',
      cmps: {
        t: {
          p: 'sensor',
          device_class: 'temperature',
          unit_of_measurement: '°C',
          value_template: '{{ value_json.temperature }}',
        },
        c: {
          p: 'sensor',
          device_class: 'carbon_dioxide',
          unit_of_measurement: 'ppm',
          value_template: '{{ value_json.co2 }}',
        },
        s: { p: 'switch', command_topic: 'gh/set' },
      },
    };
    const values = ['gh/state', { temperature: 21.5, co2: 800 }] as const;
    expect(brief(lastOf([topic, config], values))).toEqual([
      'greenhouse main air_temperature 21.5',
      'greenhouse main co2 800',
    ]);
    expect(reasons(lastOf([topic, config], [topic, ''], values))).toEqual(['unknown_topic']);
  });

  it.each([
    ['unavailable', 'not_a_number'],
    ['23.2 °C', 'not_a_number'],
    ['', 'not_a_number'],
    ['nan', 'not_a_number'],
    ['1e400', 'out_of_range'],
    ['-127', 'out_of_range'],
  ])('a state of "%s" is refused, also where the template has a default', (text, reason) => {
    const config = {
      dev_cla: 'temperature',
      unit_of_meas: '°C',
      stat_t: 'x/s',
      val_tpl: '{{ value | float(0) }}',
    };
    const decoded = lastOf(['homeassistant/sensor/x/t/config', config], ['x/s', text]);
    expect(decoded).toMatchObject({ readings: [], refusals: [{ reason }] });
  });

  it.each([
    ['{{ value_json.a + 1 }}', 'unsupported', 'value_template', {}],
    ['{{ value_json.temperature }}', 'unknown_unit', 'unit_of_measurement', { unit_of_measurement: '%' }],
    ['{{ value_json.temperature }}', 'unknown_quantity', 'device_class', { device_class: 'energy' }],
    ['{{ value_json.temperature }}', 'malformed', 'state_topic', { state_topic: 7 }],
    ["{{ value_json['a b'].temperature }}", 'unknown_channel', 'value_template', {}],
  ])('an announcement with %s is refused with its reason: %s', (template, reason, field, change) => {
    const decoded = decode(bedroomT[0], { ...bedroomT[1], value_template: template, ...change });
    expect(decoded.refusals).toMatchObject([{ reason, field }]);
    expect(decoded.state).toBeUndefined();
  });

  it('templates that follow a path are understood, and nothing that computes', () => {
    expect(parseTemplate('{{ value_json.a.b_2 }}')).toEqual(['a', 'b_2']);
    expect(parseTemplate('{{value_json["a b"]["c"]|float}}')).toEqual(['a b', 'c']);
    expect(parseTemplate(" {{ value_json['a.b'] | is_defined }} ")).toEqual(['a.b']);
    expect(parseTemplate('{{ value }}')).toEqual([]);
    for (const template of [
      '{{ value_json.a * 2 }}',
      '{% if value_json.a %}{{ value_json.a }}{% endif %}',
      '{{ value_json }}',
      '{{ value_json.a | multiply(2) }}',
      '{{ value_json.a }} {{ value_json.b }}',
      '{{ states("sensor.x") }}',
      'value_json.a',
      `{{ ${'value_json.a'.repeat(1_000)} }}`,
      7,
    ]) {
      expect(parseTemplate(template)).toBeUndefined();
    }
  });

  it('names such as __proto__ are only names', () => {
    const config = {
      ...bedroomT[1],
      value_template: '{{ value_json.__proto__.temperature }}',
      state_topic: '__proto__',
    };
    const announced = ['homeassistant/sensor/__proto__/config', config] as const;
    expect(brief(lastOf(announced, ['__proto__', '{"temperature": 4}']))).toEqual([]);
    expect(brief(lastOf(announced, ['__proto__', '{"__proto__": {"temperature": 4}}']))).toHaveLength(1);
    expect(reasons(decode('constructor', '4', { homeAssistant: { entities: {}, byTopic: {} } }))).toEqual([
      'unknown_topic',
    ]);
  });

  it(`keeps ${MAX_ENTITIES} announced values; one more is refused`, () => {
    const components = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [
          `c${i}`,
          { p: 'sensor', dev_cla: 'temperature', stat_t: `t/${i}`, val_tpl: '{{ value }}' },
        ]),
      );
    const topic = 'homeassistant/device/big/config';
    const full = decode(topic, { cmps: components(MAX_ENTITIES) });
    expect(full.refusals).toEqual([]);
    expect(Object.keys(full.state?.homeAssistant?.entities ?? {})).toHaveLength(MAX_ENTITIES);
    expect(reasons(decode(bedroomT[0], bedroomT[1], full.state))).toEqual(['too_many_records']);
  });
});
