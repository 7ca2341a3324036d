import { Readable } from 'node:stream';
import { z } from 'zod';
import { DAY, type Instant } from '../../../devices/index.ts';
import type { Aggregate, SeriesFilter, Store } from '../../../ingest/index.ts';
import { badInput } from '../errors.ts';
import { readBuckets } from '../read-series.ts';
import { autoEvery, bucketCount, formatDuration, MAX_POINTS, resolve } from '../resolution.ts';
import { type SeriesAnswer, seriesSchema } from '../schemas.ts';
import type { Service } from '../service.ts';
import { readable } from '../store-failure.ts';
import { iso, unitOf } from '../view.ts';
import { everyParam, idParam, instantParam, quantityParam, requireDevice, requirePlace } from './query.ts';
import { type App, errors503, sendStream } from './routes.ts';

const fns = ['mean', 'min', 'max', 'sum', 'count', 'first', 'last'] as const satisfies readonly Aggregate[];

const seriesQuery = z.strictObject({
  place: idParam.optional().describe('Id of a place. Give a place, a device, or both.'),
  device: idParam.optional().describe('Id of a device.'),
  channel: idParam.optional().describe('One channel; without it all channels together.'),
  quantity: quantityParam,
  from: instantParam.optional().describe('Included. Default: a day before `to`.'),
  to: instantParam.optional().describe('Excluded. Default: now.'),
  every: everyParam
    .default('auto')
    .describe(
      '`auto`, `raw`, or the width of a bucket such as `15m`. `raw` streams every reading, without limit.',
    ),
  fn: z
    .string()
    .default('mean')
    .transform((text, ctx) => {
      const fn = fns.find((name) => name === text);
      if (fn !== undefined) return fn;
      const params = { fix: `Write one of ${fns.join(', ')}.` };
      ctx.addIssue({ code: 'custom', message: `There is no function "${text.slice(0, 40)}".`, params });
      return z.NEVER;
    })
    .describe(`What stands for a bucket: ${fns.join(', ')}.`),
});

export function seriesRoutes(app: App, service: Service): void {
  app.get(
    '/api/v1/series',
    {
      config: { permission: 'read' },
      schema: {
        summary: 'Values of a quantity over time',
        description: `At most ${MAX_POINTS} points: a bucket each, over all devices and channels that match. With \`every=raw\` every reading is streamed in time order; name device and channel to get one series.`,
        tags: ['readings'],
        querystring: seriesQuery,
        response: { 200: seriesSchema, ...errors503 },
      },
    },
    async ({ query, log }, reply) => {
      const { place, device, channel, quantity, every, fn } = query;
      if (place === undefined && device === undefined) {
        throw badInput('place', 'A place or a device is needed.', 'Add place=<id> or device=<id>.');
      }
      if (place !== undefined) await requirePlace(service, place, 'place');
      await requireDevice(service, device);
      const now = service.clock();
      const { from, to } = rangeOf(query.from, query.to, now);
      const filter: SeriesFilter = {
        field: quantity,
        from,
        to,
        ...(place === undefined ? {} : { place }),
        ...(device === undefined ? {} : { device }),
        ...(channel === undefined ? {} : { channel }),
      };
      const common = { unit: unitOf(quantity), fn, from: iso(from), to: iso(to) };
      if (every === 'raw') {
        const pages = await firstPage(service.store, filter);
        const stream = Readable.from(rawJson({ ...common, every: 'raw', source: 'raw' }, pages), {
          objectMode: false,
        });
        stream.on('error', (err) => log.error({ err }, 'raw series broke off'));
        reply.type('application/json; charset=utf-8');
        sendStream(reply, stream);
        return reply;
      }
      const everyMs = every === 'auto' ? autoEvery(from, to) : every;
      refuseTooMany(from, to, everyMs);
      const resolution = resolve(from, to, everyMs, fn);
      const points = await readable(readBuckets(service.store, filter, resolution, fn, now));
      return {
        ...common,
        every: formatDuration(everyMs),
        everyMs,
        source: resolution.source,
        points: points.map(({ at, value }): [number, number] => [at, shortened(value)]),
      };
    },
  );
}

/** A mean has seventeen digits of which no sensor knows more than six: nine keep it exact enough and half as long. */
function shortened(value: number): number {
  return Number(value.toPrecision(9));
}

function rangeOf(
  from: Instant | undefined,
  to: Instant | undefined,
  now: Instant,
): { from: Instant; to: Instant } {
  const end = to ?? now;
  const start = from ?? end - DAY;
  if (start >= end) {
    const message = `"from" (${iso(start)}) is not before "to" (${iso(end)}${to === undefined ? ', now' : ''}).`;
    throw badInput('from', message, 'Give a "from" that is earlier than "to".');
  }
  return { from: Math.max(0, start), to: end };
}

function refuseTooMany(from: Instant, to: Instant, everyMs: number): void {
  const count = bucketCount(from, to, everyMs);
  if (count <= MAX_POINTS) return;
  const least = formatDuration(autoEvery(from, to));
  throw badInput(
    'every',
    `every=${formatDuration(everyMs)} over this range is ${count} points; at most ${MAX_POINTS} are answered.`,
    `Use every=${least} or every=auto, or every=raw to stream every reading.`,
  );
}

type Page = readonly { readonly at: Instant; readonly value: number }[];

/** Reads the first page before anything is answered, so that a store that is away is a 503 and not a torn answer. */
async function firstPage(store: Store, filter: SeriesFilter): Promise<AsyncIterable<Page>> {
  const pages = store.raw(filter)[Symbol.asyncIterator]();
  const first = await readable(pages.next());
  return {
    [Symbol.asyncIterator]: async function* () {
      try {
        for (let page = first; page.done !== true; page = await pages.next()) yield page.value;
      } finally {
        // The reader went away: the store must not keep its statement or request open.
        await pages.return?.();
      }
    },
  };
}

/** The answer page by page: memory holds one page, and the next is read when the socket has taken the last. */
async function* rawJson(
  head: Omit<SeriesAnswer, 'points' | 'everyMs'>,
  pages: AsyncIterable<Page>,
): AsyncGenerator<string> {
  yield `${JSON.stringify(head).slice(0, -1)},"points":[`;
  let separator = '';
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield separator + page.map(({ at, value }) => `[${at},${value}]`).join(',');
    separator = ',';
  }
  yield ']}';
}
