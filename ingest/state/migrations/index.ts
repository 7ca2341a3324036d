import type { Migration } from 'kysely/migration';
import * as registryAndProgress from './0001-registry-and-progress.ts';

/**
 * Every change of the tables, by number. A released migration is never edited: a change is a new file and a new line.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-registry-and-progress': registryAndProgress,
};
