import { ts30x } from './ts30x.ts';

export const ts302 = ts30x('milesight/ts302', 'Milesight TS302 two temperature probes or door magnets');
