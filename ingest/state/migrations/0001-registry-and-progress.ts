import { type CreateTableBuilder, type Kysely, sql } from 'kysely';

/** The registry of sites, places and devices, and what ingest remembers between two groups of the journal. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createRegistry(db);
  await createCredentials(db);
  await createProgress(db);
  await createRefusals(db);
}

const site = 'site.id';
const place = 'place.id';
const device = 'device.id';

async function createRegistry(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('site')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('time_zone', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await lifetime(db.schema.createTable('place').addColumn('id', 'text', (c) => c.primaryKey()))
    .addColumn('site', 'text', (c) => c.notNull().references(site))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('limits', 'text')
    .execute();
  await db.schema.createIndex('place_by_site').on('place').column('site').execute();
  await lifetime(db.schema.createTable('device').addColumn('id', 'text', (c) => c.primaryKey()))
    .addColumn('site', 'text', (c) => c.notNull().references(site))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('model', 'text')
    .execute();
  await db.schema.createIndex('device_by_site').on('device').column('site').execute();
  await db.schema
    .createTable('deployment')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('device', 'text', (c) => c.notNull().references(device))
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('place', 'text', (c) => c.notNull().references(place))
    .addColumn('from_at', 'bigint', (c) => c.notNull())
    .addColumn('to_at', 'bigint')
    .addCheckConstraint('deployment_lasts', sql`to_at is null or to_at > from_at`)
    .execute();
  await db.schema.createIndex('deployment_by_device').on('deployment').column('device').execute();
  await db.schema.createIndex('deployment_by_place').on('deployment').column('place').execute();
  await db.schema
    .createTable('registry_revision')
    .addColumn('id', 'integer', (c) => c.primaryKey().check(sql`id = 1`))
    .addColumn('revision', 'bigint', (c) => c.notNull())
    .execute();
  await sql`insert into registry_revision (id, revision) values (1, 0)`.execute(db);
}

function lifetime<T extends string, C extends string>(table: CreateTableBuilder<T, C>) {
  return table.addColumn('created_at', 'bigint', (c) => c.notNull()).addColumn('retired_at', 'bigint');
}

async function createCredentials(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('credential')
    .addColumn('username', 'text', (c) => c.primaryKey())
    .addColumn('device', 'text', (c) => c.notNull().unique().references(device))
    .addColumn('kdf', 'text', (c) => c.notNull())
    .addColumn('salt', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('rotated_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute();
  await db.schema
    .createTable('api_token')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('hash', 'text', (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('last_used_at', 'bigint')
    .addColumn('revoked_at', 'bigint')
    .execute();
}

async function createProgress(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('progress')
    .addColumn('name', 'text', (c) => c.primaryKey())
    .addColumn('group_id', 'bigint', (c) => c.notNull())
    .execute();
  // No foreign keys below: a reading may come from a device that the registry does not know (yet).
  await db.schema
    .createTable('latest')
    .addColumn('device', 'text', (c) => c.notNull())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('quantity', 'text', (c) => c.notNull())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('place', 'text', (c) => c.notNull())
    .addColumn('value', 'double precision', (c) => c.notNull())
    .addColumn('measured_at', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('clock', 'text', (c) => c.notNull())
    .addColumn('suspect', 'text')
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('latest_key', ['device', 'channel', 'quantity'])
    .execute();
  await db.schema.createIndex('latest_by_seq').on('latest').column('seq').execute();
  await db.schema.createIndex('latest_by_place').on('latest').column('place').execute();
  await db.schema
    .createTable('seen')
    .addColumn('device', 'text', (c) => c.notNull())
    .addColumn('identity', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('seen_key', ['device', 'identity'])
    .execute();
  await db.schema.createIndex('seen_by_time').on('seen').column('at').execute();
  await db.schema
    .createTable('stamp')
    .addColumn('device', 'text', (c) => c.primaryKey())
    .addColumn('last_at', 'bigint', (c) => c.notNull())
    .execute();
  await db.schema
    .createTable('rollup_due')
    .addColumn('measurement', 'text', (c) => c.notNull())
    .addColumn('hour', 'bigint', (c) => c.notNull())
    .addColumn('due_at', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('rollup_due_key', ['measurement', 'hour'])
    .execute();
  await db.schema.createIndex('rollup_due_by_time').on('rollup_due').column('due_at').execute();
}

async function createRefusals(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('refusal')
    .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('site', 'text')
    .addColumn('device', 'text')
    .addColumn('topic', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('raw', 'blob', (c) => c.notNull())
    .addColumn('raw_bytes', 'integer', (c) => c.notNull())
    .addColumn('times', 'integer', (c) => c.notNull().defaultTo(1))
    .execute();
  await db.schema.createIndex('refusal_by_time').on('refusal').column('at').execute();
  await db.schema.createIndex('refusal_by_device').on('refusal').columns(['device', 'at']).execute();
  await db.schema
    .createTable('refusal_count')
    .addColumn('device', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('times', 'bigint', (c) => c.notNull())
    .addPrimaryKeyConstraint('refusal_count_key', ['device', 'reason'])
    .execute();
}
