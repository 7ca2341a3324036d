import { MAIN_CHANNEL } from '../reading.ts';
import { MINUTE } from '../time.ts';
import { battery, type Entry, fixedHistory, temperature, tlvModel } from './tlv.ts';

const air = temperature(MAIN_CHANNEL, 'air_temperature', { report: 0x0367, alarm: 0x8367, change: 0x83d7 });

const humidity: Entry = {
  key: 0x0468,
  channel: MAIN_CHANNEL,
  quantity: 'relative_humidity',
  kind: 'u8',
  divisor: 2,
};

export const em300Th = tlvModel({
  id: 'milesight/em300-th',
  title: 'Milesight EM300-TH air temperature and humidity',
  entries: [battery, ...air, humidity],
  history: fixedHistory([...air.slice(0, 1), humidity], 1),
  intervalMs: 10 * MINUTE,
});
