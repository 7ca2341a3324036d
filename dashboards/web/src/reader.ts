import { parseQuantity, quantities } from '../../../devices/index.ts';
import type { ApiReading, Because } from '../../api/schemas.ts';
import type { Problem } from '../../api/status.ts';
import { type Language, type TextKey, text } from './texts/texts.ts';

/** How values, times and reasons are written for one reader: his language, the time of the site. Pure. */
export interface Reader {
  readonly language: Language;
  readonly timeZone: string;
  readonly t: (key: TextKey, values?: Readonly<Record<string, string | number>>) => string;
  readonly quantity: (name: string) => string;
  /** As written behind a number, with the space it needs before it: ` °C`, ` %`, or nothing. */
  readonly unit: (quantity: string) => string;
  /** The number alone, in the decimals worth showing. */
  readonly number: (quantity: string, value: number) => string;
  readonly value: (quantity: string, value: number) => string;
  /** A limit: a round number is not written with decimals nobody set. */
  readonly limit: (quantity: string, value: number) => string;
  /** In the largest whole unit: 95 min are 1 h. */
  readonly duration: (ms: number) => string;
  readonly ago: (ms: number) => string;
  /** Hours and minutes. */
  readonly time: (at: number) => string;
  readonly date: (at: number) => string;
  readonly weekday: (at: number) => string;
  readonly dateTime: (at: number) => string;
  /** Time and, unless it is the day of `now`, the date. */
  readonly when: (at: number, now: number) => string;
  readonly because: (reason: Because) => string;
  readonly problem: (problem: Pick<Problem, 'key' | 'lagMs'>) => string;
  readonly probe: (reading: Pick<ApiReading, 'device' | 'channel'>) => string;
}

/** UCUM code to what people write. */
const unitSigns: Readonly<Record<string, string>> = {
  Cel: '\u00a0°C',
  '%': '\u00a0%',
  'dS/m': '\u00a0dS/m',
  '[pH]': '',
  '[ppm]': '\u00a0ppm',
  '1': '',
  lx: '\u00a0lx',
  mm: '\u00a0mm',
  'm/s': '\u00a0m/s',
  deg: '°',
  'W/m2': '\u00a0W/m²',
  kPa: '\u00a0kPa',
  V: '\u00a0V',
  dBm: '\u00a0dBm',
  dB: '\u00a0dB',
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function createReader(language: Language, timeZone: string): Reader {
  const t: Reader['t'] = (key, values) => text(language, key, values);
  const numbers = new Map<number, Intl.NumberFormat>();
  const dates = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, { timeZone, hourCycle: 'h23', ...options });
    return (at: number) => format.format(at);
  };
  const clock = { hour: '2-digit', minute: '2-digit' } as const;
  const time = dates(clock);
  const date = dates({ month: 'short', day: 'numeric' });
  const weekday = dates({ weekday: 'short' });
  const dateTime = dates({ month: 'short', day: 'numeric', ...clock });

  const quantity = (name: string) => {
    const known = parseQuantity(name);
    if (known === undefined) return name;
    // The catalogue names the fact that 1 stands for; beside "open" or "closed" it would say it twice.
    if (known === 'door_open') return t('door.name');
    return language === 'zh-CN' ? quantities[known].zh : quantities[known].en;
  };
  const unit = (name: string) => {
    const known = parseQuantity(name);
    return known === undefined
      ? ''
      : (unitSigns[quantities[known].unit] ?? `\u00a0${quantities[known].unit}`);
  };
  const number = (name: string, value: number) => {
    const known = parseQuantity(name);
    const decimals = known === undefined ? 2 : quantities[known].decimals;
    let format = numbers.get(decimals);
    if (format === undefined) {
      // `negative` avoids "-0.0".
      format = new Intl.NumberFormat(language, {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
        signDisplay: 'negative',
      });
      numbers.set(decimals, format);
    }
    return format.format(value);
  };
  const value = (name: string, amount: number) => {
    if (name === 'door_open') return t(amount >= 0.5 ? 'door.open' : 'door.closed');
    return number(name, amount) + unit(name);
  };
  const limits = new Intl.NumberFormat(language, { maximumFractionDigits: 2, signDisplay: 'negative' });
  const limit = (name: string, amount: number) => limits.format(amount) + unit(name);
  const duration = (ms: number) => durationText(t, ms);
  const ago = (ms: number) => (ms < 10 * SECOND ? t('age.now') : t('age.ago', { duration: duration(ms) }));
  const probe: Reader['probe'] = ({ device, channel }) =>
    channel === 'main' ? device : `${device} · ${channel}`;

  return {
    language,
    timeZone,
    t,
    quantity,
    unit,
    number,
    value,
    limit,
    duration,
    ago,
    time,
    date,
    weekday,
    dateTime,
    when: (at, now) => (date(at) === date(now) ? time(at) : dateTime(at)),
    because: (reason) =>
      t(`because.${reason.key}`, becauseValues(reason, { quantity, value, limit, duration, probe })),
    problem: ({ key, lagMs }) => t(`problem.${key}`, { duration: duration(lagMs ?? 0) }),
    probe,
  };
}

function durationText(t: Reader['t'], ms: number): string {
  const steps = [
    [2 * DAY, DAY, 'duration.d'],
    [HOUR, HOUR, 'duration.h'],
    [MINUTE, MINUTE, 'duration.min'],
  ] as const;
  for (const [from, size, key] of steps) if (ms >= from) return t(key, { count: Math.floor(ms / size) });
  return t('duration.s', { count: Math.max(0, Math.floor(ms / SECOND)) });
}

function becauseValues(
  { quantity = '', value, limit, device = '', channel = 'main', ageMs = 0 }: Because,
  reader: Pick<Reader, 'quantity' | 'value' | 'limit' | 'duration' | 'probe'>,
): Record<string, string> {
  return {
    quantity: reader.quantity(quantity),
    value: value === undefined ? '' : reader.value(quantity, value),
    limit: limit === undefined ? '' : reader.limit(quantity, limit),
    probe: reader.probe({ device, channel }),
    duration: reader.duration(ageMs),
  };
}
