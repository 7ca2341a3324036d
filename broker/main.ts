/** The broker alone: it journals and acknowledges; ingest in another process reads the same data directory. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ACCESS_FILE, openAccess } from './access-file.ts';
import { startBroker } from './broker.ts';
import { brokerConfig, loadConfig } from './config.ts';

const loaded = loadConfig(z.object(brokerConfig), {
  file: process.env.GREENLANE_CONFIG ?? 'greenlane.yaml',
  mustExist: process.env.GREENLANE_CONFIG !== undefined,
  env: process.env,
});
if (!loaded.ok) {
  console.error(loaded.message);
  process.exit(2);
}
const { data, mqtt, journal } = loaded.config;
const dataDir = resolve(data);
mkdirSync(dataDir, { recursive: true });
const { tls_cert_file: cert, tls_key_file: key, tls_ca_file: ca, tls_port: tlsPort } = mqtt;
const tls =
  cert === undefined || key === undefined
    ? undefined
    : {
        port: tlsPort,
        cert: readFileSync(cert),
        key: readFileSync(key),
        ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
      };
const broker = await startBroker({
  host: mqtt.host,
  port: mqtt.port,
  ...(tls === undefined ? {} : { tls }),
  maxConnections: mqtt.max_connections,
  journal: { dataDir, keep: journal.keep, maxBytes: journal.max_size },
  access: openAccess(join(dataDir, ACCESS_FILE), { clock: Date.now }),
  clock: Date.now,
});
console.log(`MQTT on ${mqtt.host}:${broker.port}, journal in ${dataDir}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    broker.stop().then(() => process.exit(0));
  });
}
