import { sensecapModel } from './frames.ts';

export const s2105 = sensecapModel('sensecap/s2105', 'SenseCAP S2105 soil moisture, temperature and EC', [
  'soil_temperature',
  'soil_moisture',
  'soil_ec',
]);
