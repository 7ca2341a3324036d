/** Ingest alone, beside a broker in another process that writes the same data directory. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { brokerConfig, loadConfig } from '../broker/index.ts';
import { ingestConfig, storeOptions } from './config.ts';
import { startIngest } from './thread.ts';

const loaded = loadConfig(z.object({ ...brokerConfig, ...ingestConfig }), {
  file: process.env.GREENLANE_CONFIG ?? 'greenlane.yaml',
  mustExist: process.env.GREENLANE_CONFIG !== undefined,
  env: process.env,
});
if (!loaded.ok) {
  console.error(loaded.message);
  process.exit(2);
}
const dataDir = resolve(loaded.config.data);
let said = '';
const stop = await startIngest({ dataDir, store: storeOptions(dataDir, loaded.config.influx) }, (status) => {
  const now = status.state === 'ok' ? 'ok' : `waiting: ${status.because} ${status.message ?? ''}`;
  if (now !== said) console.log(now);
  said = now;
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stop().then(() => process.exit(0));
  });
}
