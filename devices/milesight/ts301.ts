import { ts30x } from './ts30x.ts';

export const ts301 = ts30x('milesight/ts301', 'Milesight TS301 temperature probe or door magnet');
