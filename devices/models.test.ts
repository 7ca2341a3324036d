import { readdirSync, readFileSync } from 'node:fs';
import { env } from 'node:process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHex } from './bytes.ts';
import { exampleKinds, examples } from './examples.ts';
import { ANY_CHANNEL, type Frame, type Measurement, type Model } from './model.ts';
import { findModel, models } from './models.ts';
import { isPossible, parseQuantity, quantities } from './quantity.ts';
import { refusalReasons } from './reading.ts';
import { crc16 } from './sensecap/frames.ts';
import { isId } from './topic.ts';

const vendors = ['cayenne', 'dragino', 'milesight', 'ruuvi', 'sensecap'];
const cases = models.map((model) => [model.id, model] as const);

function framesOf(model: Model, kinds: readonly string[] = exampleKinds): readonly Frame[] {
  return (examples.get(model.id) ?? [])
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ bytes, fPort }) => ({ bytes: parseHex(bytes)!, fPort }));
}

describe('the fleet', () => {
  it('has every model in the index once, under the id of its file, with its examples', () => {
    const files = vendors.flatMap((vendor) =>
      readdirSync(new URL(vendor, import.meta.url))
        .filter((name) => name.endsWith('.examples.json'))
        .map((name) => `${vendor}/${name.replace('.examples.json', '')}`),
    );
    expect(models.map(({ id }) => id).toSorted()).toEqual(files.toSorted());
    expect([...examples.keys()].toSorted()).toEqual(files.toSorted());
    for (const id of files) {
      expect(findModel(id)?.id).toBe(id);
      expect(id).toBe(id.toLowerCase());
      expect(readFileSync(new URL(`${id}.ts`, import.meta.url), 'utf8')).not.toBe('');
    }
  });

  it('has every vendor folder in this test', () => {
    const found = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.examples.json'))
      .map((path) => path.split('/')[0]);
    expect([...new Set(found)].toSorted()).toEqual(vendors);
  });

  it.each(cases)(
    '%s has a good, a fault and a truncated example, and each value it can produce in one',
    (id, model) => {
      const own = examples.get(id) ?? [];
      for (const kind of ['good', 'fault', 'truncated']) expect(own.map((e) => e.kind)).toContain(kind);
      const seen = new Set(own.flatMap((e) => e.measurements.map((m) => m.quantity)));
      for (const { channel, quantity } of model.produces) {
        expect(parseQuantity(quantity)).toBe(quantity);
        expect(channel === ANY_CHANNEL || isId(channel)).toBe(true);
        if (!(id.startsWith('sensecap/') && quantity === 'battery_level')) expect(seen).toContain(quantity);
      }
      expect(new Set(own.map(({ name }) => name)).size).toBe(own.length);
    },
  );
});

const listed = [...examples].flatMap(([id, list]) =>
  list.map((example) => [`${id}: ${example.name}`, id, example] as const),
);

describe('examples', () => {
  it.each(listed)('%s', (_, id, example) => {
    const { measurements, refusals } = findModel(id)!.decode({
      bytes: parseHex(example.bytes)!,
      fPort: example.fPort,
    });
    expect(measurements).toEqual(example.measurements);
    expect(refusals.map(({ reason }) => reason)).toEqual(example.refusals);
    if (example.kind === 'good' || example.kind === 'history') {
      expect(refusals.filter(({ reason }) => reason !== 'unsupported' && reason !== 'probe_missing')).toEqual(
        [],
      );
    } else expect(refusals.length + measurements.filter((m) => m.suspect).length).toBeGreaterThan(0);
  });
});

/** What must hold for any bytes at all. */
function checked(model: Model, frame: Frame): readonly Measurement[] {
  const { measurements, refusals } = model.decode(frame);
  for (const { channel, quantity, value } of measurements) {
    const known = model.produces.some(
      (slot) => slot.quantity === quantity && (slot.channel === channel || slot.channel === ANY_CHANNEL),
    );
    if (!known || !isPossible(quantity, value))
      throw new Error(`${model.id}: ${channel} ${quantity} ${value}`);
  }
  for (const { reason } of refusals) if (!refusalReasons.includes(reason)) throw new Error(reason);
  return measurements;
}

const keyOf = (m: Measurement): string => `${m.channel} ${m.quantity} ${m.value} ${m.measuredAt}`;

describe.each(cases)('%s', (id, model) => {
  it('a well-formed example cut at any byte gives no value that the whole does not contain', () => {
    for (const { bytes, fPort } of framesOf(model)) {
      // What is too long or a mixture may become well-formed by a cut.
      const { refusals } = model.decode({ bytes, fPort });
      if (refusals.some(({ reason, field }) => reason === 'malformed' || (reason === 'truncated' && !field)))
        continue;
      const whole = new Set(checked(model, { bytes, fPort }).map(keyOf));
      for (let length = 0; length < bytes.length; length += 1) {
        const part = checked(model, { bytes: bytes.subarray(0, length), fPort });
        for (const measurement of part) expect(whole).toContain(keyOf(measurement));
      }
    }
  });

  it('an example with any one or two bits flipped gives only possible values of its own quantities', () => {
    for (const { bytes, fPort } of framesOf(model)) {
      const bits = bytes.length * 8;
      const flipped = bytes.slice();
      const flip = (bit: number): void => {
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      };
      for (let first = 0; first < bits; first += 1) {
        flip(first);
        checked(model, { bytes: flipped, fPort });
        for (let second = first + 1; second < bits; second += 1) {
          flip(second);
          checked(model, { bytes: flipped, fPort });
          flip(second);
        }
        flip(first);
      }
    }
  });

  it('an example with bytes added gives only possible values of its own quantities', () => {
    const property = fc.property(
      fc.constantFrom(...framesOf(model)),
      fc.uint8Array({ maxLength: 30 }),
      (frame, more) => {
        checked(model, { ...frame, bytes: Uint8Array.from([...frame.bytes, ...more]) });
      },
    );
    fc.assert(property, { numRuns: 500 });
  });

  it('encodes what it decoded of every good example and history, to the same values', () => {
    for (const frame of framesOf(model, ['good', 'history'])) {
      const measurements = checked(model, frame);
      if (measurements.length === 0) continue;
      expect(checked(model, model.encode(measurements))).toEqual(measurements);
    }
  });

  it('encodes any value a frame can carry, as exactly as it can, and refuses others with a RangeError', () => {
    const slot = fc.constantFrom(...model.produces).map(({ channel, quantity }) => ({
      channel: channel === ANY_CHANNEL ? '1' : channel,
      quantity,
    }));
    const measurement = slot.chain(({ channel, quantity }) =>
      fc
        .double({ min: quantities[quantity].min, max: quantities[quantity].max, noNaN: true })
        .map((value): Measurement => ({ channel, quantity, value: Math.round(value * 10) / 10 + 0 })),
    );
    const several = fc.uniqueArray(measurement, {
      minLength: 1,
      selector: (m) => `${m.channel} ${m.quantity}`,
    });
    let carried = 0;
    const property = fc.property(several, (measurements) => {
      let once: readonly Measurement[];
      try {
        once = checked(model, model.encode(measurements));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
        return;
      }
      carried += once.length;
      expect(checked(model, model.encode(once))).toEqual(once);
    });
    fc.assert(property, { numRuns: 200 });
    expect(carried).toBeGreaterThan(20);
    const foreign = { channel: 'nowhere', quantity: 'ethylene', value: 1 } as const;
    expect(() => model.encode([foreign])).toThrow(RangeError);
  });

  const frames = Number(env.GREENLANE_FUZZ_FRAMES ?? 5_000);
  it(`${frames} random frames raise nothing and give only possible values`, { timeout: 600_000 }, () => {
    const random = randomBytes(0x5eed + id.length);
    const own = framesOf(model);
    let values = 0;
    for (let i = 0; i < frames; i += 1) {
      const frame = randomFrame(random, own[i % own.length]!);
      values += checked(model, frame).length;
    }
    // Frames that all fail at the first byte would prove nothing.
    expect(values).toBeGreaterThan(frames / 50);
  });
});

/** xorshift32: the long run is the same on every machine. */
function randomBytes(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) & 0xff;
  };
}

/** A third pure noise, the rest an example with some bytes changed; half of them with a checksum that fits. */
function randomFrame(random: () => number, { bytes, fPort }: Frame): Frame {
  const noise = random() % 3 === 0;
  const length = noise ? random() % 64 : bytes.length;
  const frame = Uint8Array.from({ length }, (_, i) => (noise || random() < 32 ? random() : (bytes[i] ?? 0)));
  if (random() % 2 === 0 && length > 2) {
    const sum = crc16(frame.subarray(0, length - 2));
    frame[length - 2] = sum & 0xff;
    frame[length - 1] = sum >> 8;
  }
  return { bytes: frame, fPort: random() % 8 === 0 ? random() : fPort };
}
