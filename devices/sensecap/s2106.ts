import { sensecapModel } from './frames.ts';

export const s2106 = sensecapModel('sensecap/s2106', 'SenseCAP S2106 soil pH', ['soil_ph']);
