import { MAIN_CHANNEL } from '../reading.ts';
import { battery, temperature, tlvModel } from './tlv.ts';

export const ts101 = tlvModel({
  id: 'milesight/ts101',
  title: 'Milesight TS101 insertion probe',
  entries: [
    battery,
    ...temperature(MAIN_CHANNEL, 'product_temperature', { report: 0x0367, alarm: 0x8367, change: 0x83d7 }),
  ],
});
