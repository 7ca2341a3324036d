/** What `broker` offers to the other folders; nothing outside imports a file of this folder directly. */

export type { Access, ConnectAttempt, Identity, Verdict } from './access.ts';
export type { AccessEntries, AccessEntry, FileAccess, FileAccessOptions } from './access-file.ts';
export { ACCESS_FILE, deriveKey, formatAccess, KDF, openAccess, parseAccess } from './access-file.ts';
export { type Broker, type BrokerOptions, type BrokerStatus, startBroker } from './broker.ts';
export {
  brokerConfig,
  brokerConfigSchema,
  type ConfigSource,
  keysOf,
  type Loaded,
  loadConfig,
  portSchema,
  variableOf,
} from './config.ts';
export { filePathSchema, httpUrlSchema, textSchema, wholeNumber } from './config-value.ts';
export type { EmbeddedStatus, TlsFiles } from './embedded.ts';
export * from './guard.ts';
export type { HistogramFigures } from './histogram.ts';
export { journalPath, readStoredMark, writeStoredMark } from './journal/file.ts';
export type { FailingBecause, JournalStatus } from './journal/journal.ts';
export { type JournalGroup, JournalReader } from './journal/reader.ts';
export { groupRecords, type JournalRecord } from './journal/record.ts';
