import { sensecapModel } from './frames.ts';

export const s2104 = sensecapModel('sensecap/s2104', 'SenseCAP S2104 soil moisture and temperature', [
  'soil_temperature',
  'soil_moisture',
]);
