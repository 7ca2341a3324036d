import { sensecapModel } from './frames.ts';

export const s2103 = sensecapModel('sensecap/s2103', 'SenseCAP S2103 CO2, air temperature and humidity', [
  'co2',
  'air_temperature',
  'relative_humidity',
]);
