/** `npm run crash -- --kills 1000 [--devices 4] [--seed 1]`: the long run of the crash test. */
import { parseArgs } from 'node:util';
import { SingleBar } from 'cli-progress';
import { crash } from './crash.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    devices: { type: 'string', default: '4' },
    seed: { type: 'string', default: '1' },
  },
});
const kills = Number(values.kills);
const bar = new SingleBar({
  format: '{bar} {value}/{total} kills, {acknowledged} acknowledged, {eta_formatted} left',
});
bar.start(kills, 0, { acknowledged: 0 });
const figures = await crash({
  kills,
  devices: Number(values.devices),
  seed: Number(values.seed),
  onKill: (done, acknowledged) => bar.update(done, { acknowledged }),
});
bar.stop();
console.log(JSON.stringify(figures));
process.exit(figures.lost === 0 && figures.doubled === 0 ? 0 : 1);
