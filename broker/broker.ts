/** The broker as a whole: door, access, journal, MQTT. */
import type { Clock, RefusalReason } from '../devices/index.ts';
import type { Access } from './access.ts';
import { door } from './door.ts';
import { EmbeddedBroker, type EmbeddedStatus, type TlsFiles } from './embedded.ts';
import { Journal, type JournalOptions, type JournalStatus } from './journal/journal.ts';

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsFiles;
  readonly maxConnections: number;
  readonly journal: JournalOptions;
  readonly access: Access;
  readonly clock: Clock;
}

export interface BrokerStatus {
  readonly broker: EmbeddedStatus & { readonly refused: Readonly<Partial<Record<RefusalReason, number>>> };
  readonly journal: JournalStatus;
}

export interface Broker {
  readonly port: number;
  readonly tlsPort?: number;
  readonly publish: (topic: string, payload: Buffer, retain: boolean) => void;
  readonly status: () => BrokerStatus;
  readonly stop: () => Promise<void>;
}

/** Opens the journal, then the doors. What was started is stopped again when a later step fails. */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const journal = new Journal(options.journal);
  await journal.start();
  const entrance = door(journal, options.clock);
  const { host, port, tls, maxConnections, clock, access } = options;
  const mqtt = new EmbeddedBroker({
    host,
    port,
    ...(tls === undefined ? {} : { tls }),
    maxConnections,
    clock,
    access,
    journal,
    door: entrance,
  });
  try {
    const listening = await mqtt.start();
    return {
      ...listening,
      publish: (topic, payload, retain) => mqtt.publish(topic, payload, retain),
      status: () => ({
        broker: { ...mqtt.status(), refused: Object.fromEntries(entrance.counts()) },
        journal: journal.status(),
      }),
      stop: async () => {
        await mqtt.stop();
        await journal.stop();
        access.close();
      },
    };
  } catch (error) {
    await mqtt.stop();
    await journal.stop();
    throw error;
  }
}
