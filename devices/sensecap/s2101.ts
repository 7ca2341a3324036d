import { sensecapModel } from './frames.ts';

export const s2101 = sensecapModel('sensecap/s2101', 'SenseCAP S2101 air temperature and humidity', [
  'air_temperature',
  'relative_humidity',
]);
