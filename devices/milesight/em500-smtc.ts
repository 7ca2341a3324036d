import { MAIN_CHANNEL } from '../reading.ts';
import { MINUTE } from '../time.ts';
import { battery, type Entry, fixedHistory, temperature, tlvModel } from './tlv.ts';

const soil = temperature(MAIN_CHANNEL, 'soil_temperature', { report: 0x0367, alarm: 0x8367, change: 0x83d7 });

/*
 * The vendor's documents disagree: the examples of a later table read moisture and EC ten times as high as these
 * factors give. The factors are those that reproduce the published sample frames (see the examples).
 */

/** Volumetric water content in 0.01 %; firmware before it sent 0.5 % in one byte. */
const moisture: Entry = {
  key: 0x04ca,
  channel: MAIN_CHANNEL,
  quantity: 'soil_moisture',
  kind: 'u16',
  divisor: 100,
};
const coarseMoisture: Entry = { ...moisture, key: 0x0468, kind: 'u8', divisor: 2 };

/** Sent in uS/cm, kept in dS/m. */
const ec: Entry = { key: 0x057f, channel: MAIN_CHANNEL, quantity: 'soil_ec', kind: 'u16', divisor: 1_000 };

export const em500Smtc = tlvModel({
  id: 'milesight/em500-smtc',
  title: 'Milesight EM500-SMTC soil moisture, temperature and EC',
  entries: [battery, ...soil, moisture, coarseMoisture, ec],
  history: fixedHistory([ec, ...soil.slice(0, 1), moisture]),
  intervalMs: 10 * MINUTE,
});
