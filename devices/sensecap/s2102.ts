import { sensecapModel } from './frames.ts';

export const s2102 = sensecapModel('sensecap/s2102', 'SenseCAP S2102 light', ['light']);
