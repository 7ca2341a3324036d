import type { Instant } from '../../devices/index.ts';
import { type QuantityName, quantities } from '../../devices/index.ts';
import type { LatestValue, Place, PlaceLimit, RefusalEntry } from '../../ingest/index.ts';
import type { ApiReading, ApiRefusal, OverviewPlace } from './schemas.ts';

/** Rows of the state database as the API shows them. Pure. */

export function iso(at: Instant): string {
  return new Date(at).toISOString();
}

/** UCUM code of a quantity's unit. */
export function unitOf(quantity: QuantityName): string {
  return quantities[quantity].unit;
}

export function readingView(row: LatestValue, now: Instant): ApiReading {
  return {
    device: row.device,
    channel: row.channel,
    quantity: row.quantity,
    unit: unitOf(row.quantity),
    value: row.value,
    measuredAt: iso(row.measuredAt),
    receivedAt: iso(row.receivedAt),
    clock: row.clock,
    ageMs: Math.max(0, now - row.measuredAt),
    ...(row.suspect === undefined ? {} : { suspect: row.suspect }),
  };
}

export function placeView(
  row: Place,
  limits: readonly PlaceLimit[],
): Pick<OverviewPlace, 'id' | 'site' | 'name' | 'kind' | 'limits'> {
  return { id: row.id, site: row.site, name: row.name, kind: row.kind, limits: [...limits] };
}

const HEX_BYTES = 64;

export function refusalView(row: RefusalEntry): ApiRefusal {
  const raw = Buffer.from(row.raw.buffer, row.raw.byteOffset, row.raw.byteLength);
  const text = printable(raw);
  return {
    id: row.id,
    at: iso(row.at),
    ...(row.site === undefined ? {} : { site: row.site }),
    ...(row.device === undefined || row.device === '' ? {} : { device: row.device }),
    topic: row.topic,
    reason: row.reason,
    detail: detailView(row.detail),
    times: row.times,
    raw: {
      bytes: row.rawBytes,
      base64: raw.toString('base64'),
      hex: raw.subarray(0, HEX_BYTES).toString('hex'),
      ...(text === undefined ? {} : { text }),
    },
  };
}

function detailView(detail: unknown): ApiRefusal['detail'] {
  const shown: Record<string, string> = {};
  if (typeof detail === 'object' && detail !== null) {
    for (const [key, value] of Object.entries(detail)) {
      if (['field', 'channel', 'expected', 'received'].includes(key) && typeof value === 'string')
        shown[key] = value;
    }
  }
  return shown;
}

/** The bytes as text when they are UTF-8 without control characters; a cut last character is forgiven. */
function printable(raw: Uint8Array): string | undefined {
  if (raw.length === 0) return undefined;
  // With `stream` an unfinished character at the end is held back instead of being an error: the excerpt may cut one.
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(raw, { stream: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
