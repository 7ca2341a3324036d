import type { Kysely } from 'kysely';
import type { Instant } from '../../devices/index.ts';
import type { Database } from '../state/schema.ts';
import type { State } from '../state/state.ts';
import { syncAccessFile } from './access-sync.ts';
import { ALWAYS, type Deployment, EVERY_CHANNEL, type MovePlan, planEnd, planMove } from './deployment.ts';
import { change, done, need, type Outcome, problem } from './outcome.ts';
import { badId, badName } from './sites.ts';

export interface NewDevice {
  readonly id: string;
  readonly site: string;
  readonly place: string;
  readonly name?: string | undefined;
  /** `<vendor>/<model>` in lower case; absent for a device that speaks Greenlane's own formats. */
  readonly model?: string | undefined;
  /** Since when it has been at the place; ALWAYS when absent. */
  readonly from?: Instant | undefined;
}

const MODEL = /^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9._-]*$/;
const MODEL_LENGTH_MAX = 64;

/** Adds a device with all its channels at one place of its site. It has no credential yet. */
export function addDevice(state: State, device: NewDevice, now: Instant): Promise<Outcome<void>> {
  return change(state, async (trx) => need(await insertDevice(trx, device, now)));
}

export interface Move {
  readonly device: string;
  readonly place: string;
  /** One channel, or `*` (as when absent) for the whole device. */
  readonly channel?: string | undefined;
  readonly at: Instant;
}

/** Puts a device, or one channel of it, somewhere else from `at` on; what it measured before stays where it was. */
export function moveDevice(state: State, move: Move): Promise<Outcome<void>> {
  return change(state, async (trx) => {
    need(await activeDevice(trx, move.device));
    need(await activePlace(trx, move.place));
    const channel = move.channel ?? EVERY_CHANNEL;
    if (channel !== EVERY_CHANNEL) need(badId('channel', channel) ?? done(undefined));
    const plan = planMove(await deploymentsOf(trx, move.device), channel, move.place, move.at);
    await end(trx, plan);
    const { to, from, place } = plan.add;
    await trx
      .insertInto('deployment')
      .values({ device: move.device, channel, place, from_at: from, to_at: to ?? null })
      .execute();
  });
}

/** Takes a device out of service: its deployments end, its credential is revoked, its history stays. */
export async function retireDevice(state: State, device: string, at: Instant): Promise<Outcome<void>> {
  const outcome = await change(state, async (trx) => {
    need(await activeDevice(trx, device));
    const deployments = await deploymentsOf(trx, device);
    const later = deployments.find((deployment) => deployment.from > at);
    if (later !== undefined)
      need(
        problem(
          'conflict',
          'at',
          `${device} was moved to ${later.place} after ${new Date(at).toISOString()}`,
        ),
      );
    await end(trx, planEnd(deployments, EVERY_CHANNEL, at));
    await trx.updateTable('device').set({ retired_at: at }).where('id', '=', device).execute();
    await trx
      .updateTable('credential')
      .set({ revoked_at: at })
      .where('device', '=', device)
      .where('revoked_at', 'is', null)
      .execute();
  });
  if (outcome.ok) await syncAccessFile(state);
  return outcome;
}

export async function insertDevice(
  db: Kysely<Database>,
  device: NewDevice,
  now: Instant,
): Promise<Outcome<void>> {
  const bad = badId('device', device.id) ?? badName('device', device.name) ?? badModel(device.model);
  if (bad !== undefined) return bad;
  const existing = await db
    .selectFrom('device')
    .select('retired_at')
    .where('id', '=', device.id)
    .executeTakeFirst();
  if (existing !== undefined)
    return problem('conflict', 'device', alreadyThere(device.id, existing.retired_at));
  const place = await activePlace(db, device.place);
  if (!place.ok) return place;
  if (place.value.site !== device.site)
    return problem(
      'conflict',
      'place',
      `place "${device.place}" is in site "${place.value.site}", not in "${device.site}"`,
    );
  const { id, site } = device;
  await db
    .insertInto('device')
    .values({
      id,
      site,
      name: device.name ?? id,
      model: device.model ?? null,
      created_at: now,
      retired_at: null,
    })
    .execute();
  await db
    .insertInto('deployment')
    .values({
      device: id,
      channel: EVERY_CHANNEL,
      place: device.place,
      from_at: device.from ?? ALWAYS,
      to_at: null,
    })
    .execute();
  return done(undefined);
}

function alreadyThere(id: string, retiredAt: Instant | null): string {
  if (retiredAt === null)
    return `device "${id}" exists already; "rotate ${id}" gives it a new password, "move ${id}" a new place`;
  const day = new Date(retiredAt).toISOString().slice(0, 10);
  return `device "${id}" was retired on ${day} and its history keeps the id; choose another`;
}

function badModel(model: string | undefined): Outcome<never> | undefined {
  if (model === undefined || (MODEL.test(model) && model.length <= MODEL_LENGTH_MAX)) return undefined;
  return problem('invalid', 'model', `"${model}" is not a model id; write it like "milesight/em500-smtc"`);
}

export async function activeDevice(
  db: Kysely<Database>,
  id: string,
): Promise<Outcome<{ readonly site: string }>> {
  const row = await db
    .selectFrom('device')
    .select(['site', 'retired_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined)
    return problem('missing', 'device', `there is no device "${id}"; "list" shows those there are`);
  if (row.retired_at !== null) return problem('conflict', 'device', alreadyThere(id, row.retired_at));
  return done({ site: row.site });
}

async function activePlace(db: Kysely<Database>, id: string): Promise<Outcome<{ readonly site: string }>> {
  const row = await db
    .selectFrom('place')
    .select(['site', 'retired_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return problem('missing', 'place', `there is no place "${id}"`);
  if (row.retired_at !== null) return problem('conflict', 'place', `place "${id}" is retired`);
  return done({ site: row.site });
}

async function deploymentsOf(db: Kysely<Database>, device: string): Promise<readonly Deployment[]> {
  const rows = await db
    .selectFrom('deployment')
    .select(['id', 'channel', 'place', 'from_at', 'to_at'])
    .where('device', '=', device)
    .execute();
  return rows.map(({ from_at, to_at, ...rest }) => ({ ...rest, from: from_at, to: to_at ?? undefined }));
}

async function end(db: Kysely<Database>, plan: Pick<MovePlan, 'shorten' | 'remove'>): Promise<void> {
  for (const { id, to } of plan.shorten)
    await db.updateTable('deployment').set({ to_at: to }).where('id', '=', id).execute();
  if (plan.remove.length > 0) await db.deleteFrom('deployment').where('id', 'in', plan.remove).execute();
}
