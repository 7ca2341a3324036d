/** `npm start`: the whole system in one process, threads inside. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pino } from 'pino';
import type { TlsFiles } from '../broker/index.ts';
import { storeOptions } from '../ingest/index.ts';
import { type GreenlaneConfig, loadGreenlaneConfig } from './config.ts';
import { StartError, type System, startSystem } from './system.ts';

const log = pino({ base: null });

function tlsOf({ mqtt }: GreenlaneConfig): TlsFiles | undefined {
  const { tls_cert_file: cert, tls_key_file: key, tls_ca_file: ca, tls_port: port } = mqtt;
  if (cert === undefined || key === undefined) return undefined;
  return {
    port,
    cert: readFileSync(cert),
    key: readFileSync(key),
    ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
  };
}

async function start(): Promise<System> {
  const loaded = loadGreenlaneConfig(process.env);
  if (!loaded.ok) throw new StartError(loaded.message);
  const { config } = loaded;
  const dataDir = resolve(config.data);
  const tls = tlsOf(config);
  const { host, port, max_connections: maxConnections } = config.mqtt;
  const { keep, max_size: maxBytes } = config.journal;
  const system = await startSystem({
    dataDir,
    mqtt: { host, port, maxConnections, ...(tls === undefined ? {} : { tls }) },
    journal: { keep, maxBytes },
    http: config.http,
    store: storeOptions(dataDir, config.influx),
    open: false,
    clock: Date.now,
    onFailure: (part, error) => log.error({ part, err: error }, 'a part failed and is started again'),
  });
  const { mqttPort, tlsPort, httpPort } = system;
  log.info({ mqttPort, tlsPort, httpPort, dataDir, store: system.status().store.kind }, 'Greenlane is up');
  return system;
}

try {
  const system = await start();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      system.stop().then(() => process.exit(0));
    });
  }
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exit(error instanceof StartError ? 2 : 1);
}
