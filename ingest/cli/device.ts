/** `npm run -s device -- add|list|rotate|revoke|move|retire`: the registry from the shell. */
import { parseArgs } from 'node:util';
import { revokeCredential, rotateCredential } from '../registry/credentials.ts';
import { EVERY_CHANNEL } from '../registry/deployment.ts';
import { moveDevice, retireDevice } from '../registry/devices.ts';
import { registerDevice } from '../registry/register.ts';
import { addPlace } from '../registry/sites.ts';
import { type Device, devices, places } from '../state/read.ts';
import { type PlaceKind, placeKinds } from '../state/schema.ts';
import type { State } from '../state/state.ts';
import {
  accepted,
  parseTime,
  processWorld,
  runCommand,
  UsageError,
  type World,
  withState,
} from './command.ts';
import { settings } from './settings.ts';

const USAGE = `Devices of the registry. The data directory is GREENLANE_DATA (default ./data).

  npm run -s device -- add <id> --site <site> --place <place>
      [--kind ${placeKinds.join('|')}]   of a place that is new (default room)
      [--model <vendor>/<model>]      when it does not speak Greenlane's own formats
      [--name <name>]                 for people
      [--from <time>]                 when it came to the place (default: always was there)
    prints {"username","password"}: the password is shown once
  npm run -s device -- list [--site <site>] [--json]
  npm run -s device -- rotate <id>    prints a new password; the old one stops working
  npm run -s device -- revoke <id>    ends its access, also a live connection
  npm run -s device -- move <id> --place <place> [--channel <channel>] [--at <time>] [--kind <kind>]
  npm run -s device -- retire <id> [--at <time>]

Times carry their zone: 2026-05-01T08:00:00Z`;

const options = {
  site: { type: 'string' },
  place: { type: 'string' },
  kind: { type: 'string' },
  model: { type: 'string' },
  name: { type: 'string' },
  from: { type: 'string' },
  at: { type: 'string' },
  channel: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function parse(args: readonly string[]) {
  return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
}
type Values = ReturnType<typeof parse>['values'];

/** Which options each command takes: one that would be ignored is a mistake worth a sentence. */
const takes: Readonly<Record<string, readonly (keyof Values)[]>> = {
  add: ['site', 'place', 'kind', 'model', 'name', 'from'],
  list: ['site', 'json'],
  rotate: [],
  revoke: [],
  move: ['place', 'channel', 'at', 'kind'],
  retire: ['at'],
};

export function deviceCommand(args: readonly string[], world: World): Promise<number> {
  return runCommand(world, async () => {
    const { values, positionals } = parse(args);
    if (values.help === true || positionals.length === 0) {
      world.say(USAGE);
      if (values.help !== true)
        throw new UsageError('command: say add, list, rotate, revoke, move or retire');
      return;
    }
    const [command = '', ...rest] = positionals;
    const allowed = Object.hasOwn(takes, command) ? takes[command] : undefined;
    if (allowed === undefined)
      throw new UsageError(`command: "${command}" is none of ${Object.keys(takes).join(', ')}`);
    for (const name of Object.keys(values))
      if (!allowed.some((option) => option === name))
        throw new UsageError(`--${name}: "${command}" does not take it; ${optionsOf(allowed)}`);
    const { data, timeZone } = settings(world);
    await withState(data, (state) => run(state, command, rest, values, timeZone, world));
  });
}

async function run(
  state: State,
  command: string,
  rest: readonly string[],
  values: Values,
  timeZone: string,
  world: World,
): Promise<void> {
  if (command === 'list') return list(state, rest, values, world);
  const id = onlyId(command, rest);
  const now = world.clock();
  switch (command) {
    case 'add':
      return add(state, id, values, timeZone, world);
    case 'rotate':
      return world.out(JSON.stringify(accepted(await rotateCredential(state, id, now), argument)));
    case 'revoke':
      accepted(await revokeCredential(state, id, now), argument);
      return world.say(`${id} may not connect any more; "rotate ${id}" gives it a new password`);
    case 'move':
      return move(state, id, values, world);
    default:
      accepted(await retireDevice(state, id, timeOr('--at', values.at, now)), argument);
      return world.say(`${id} is retired; its history stays`);
  }
}

async function add(state: State, id: string, values: Values, timeZone: string, world: World): Promise<void> {
  const { site, place, name, model } = values;
  if (site === undefined) throw new UsageError('--site: missing; say which site the device belongs to');
  if (place === undefined) throw new UsageError('--place: missing; say what the device measures');
  const from = values.from === undefined ? undefined : parseTime('--from', values.from);
  const registration = { id, site, place, name, model, from, kind: kindOf(values.kind), timeZone };
  const { credential, created } = accepted(
    await registerDevice(state, registration, world.clock()),
    argument,
  );
  for (const made of created) {
    const detail = made.what === 'site' ? `time zone ${timeZone}` : `a ${registration.kind ?? 'room'}`;
    world.say(`${made.what} "${made.id}" is new (${detail})`);
  }
  world.out(JSON.stringify(credential));
}

async function move(state: State, id: string, values: Values, world: World): Promise<void> {
  const { place, channel } = values;
  if (place === undefined) throw new UsageError('--place: missing; say where the device is now');
  const now = world.clock();
  const at = timeOr('--at', values.at, now);
  const kind = kindOf(values.kind);
  const known = (await places(state)).some((other) => other.id === place);
  if (!known) {
    if (kind === undefined)
      throw new UsageError(
        `--place: there is no place "${place}"; --kind ${placeKinds.join('|')} creates it`,
      );
    const site = (await devices(state)).find((device) => device.id === id)?.site;
    if (site === undefined)
      throw new UsageError(`<id>: there is no device "${id}"; "list" shows those there are`);
    accepted(await addPlace(state, { id: place, site, kind }, now), argument);
    world.say(`place "${place}" is new (a ${kind})`);
  }
  accepted(await moveDevice(state, { device: id, place, channel, at }), argument);
  const what = channel === undefined || channel === EVERY_CHANNEL ? id : `${channel} of ${id}`;
  world.say(`${what} measures ${place} from ${new Date(at).toISOString()} on`);
}

async function list(state: State, rest: readonly string[], values: Values, world: World): Promise<void> {
  if (rest.length > 0) throw new UsageError(`"${rest.join(' ')}": list takes no id; --site narrows it down`);
  const found = await devices(state, values.site);
  if (values.json === true) return world.out(JSON.stringify(found));
  if (found.length === 0) return world.say('no devices yet; "add" makes the first');
  const rows = found.map((device) => [
    device.id,
    device.site,
    whereIs(device),
    device.model ?? '',
    statusOf(device),
  ]);
  const table = [['device', 'site', 'place', 'model', 'status'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) {
    world.out(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}

function whereIs(device: Device): string {
  return device.deployments
    .filter(({ to }) => to === undefined)
    .map(({ channel, place }) => (channel === EVERY_CHANNEL ? place : `${channel}:${place}`))
    .join(' ');
}

function statusOf(device: Device): string {
  if (device.retiredAt !== undefined) return 'retired';
  return device.mayConnect ? 'active' : 'revoked';
}

function onlyId(command: string, rest: readonly string[]): string {
  const [id, ...more] = rest;
  if (id === undefined) throw new UsageError(`<id>: missing; write: device -- ${command} <id>`);
  if (more.length > 0)
    throw new UsageError(`"${more.join(' ')}": too much; "${command}" takes one device id`);
  return id;
}

function kindOf(text: string | undefined): PlaceKind | undefined {
  if (text === undefined) return undefined;
  const kind = placeKinds.find((name) => name === text);
  if (kind === undefined) throw new UsageError(`--kind: "${text}" is none of ${placeKinds.join(', ')}`);
  return kind;
}

function timeOr(name: string, text: string | undefined, now: number): number {
  return text === undefined ? now : parseTime(name, text);
}

function optionsOf(allowed: readonly string[]): string {
  return allowed.length === 0 ? 'it takes none' : `it takes ${allowed.map((name) => `--${name}`).join(' ')}`;
}

/** The command line's name of a field of the registry. */
function argument(field: string): string {
  return field === 'device' ? '<id>' : `--${field}`;
}

if (import.meta.main) process.exitCode = await deviceCommand(process.argv.slice(2), processWorld);
