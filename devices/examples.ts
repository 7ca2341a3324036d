/**
 * The examples beside the models, as data: what a frame's bytes mean, for good frames, faults, cut frames and history.
 * Tests compare the decoders with them, simulators and the catalogue table are made from them.
 */
import lpp from './cayenne/lpp.examples.json' with { type: 'json' };
import lht65n from './dragino/lht65n.examples.json' with { type: 'json' };
import lse01 from './dragino/lse01.examples.json' with { type: 'json' };
import em300Th from './milesight/em300-th.examples.json' with { type: 'json' };
import em500Smtc from './milesight/em500-smtc.examples.json' with { type: 'json' };
import ts101 from './milesight/ts101.examples.json' with { type: 'json' };
import ts301 from './milesight/ts301.examples.json' with { type: 'json' };
import ts302 from './milesight/ts302.examples.json' with { type: 'json' };
import ruuvitag from './ruuvi/ruuvitag.examples.json' with { type: 'json' };
import s2101 from './sensecap/s2101.examples.json' with { type: 'json' };
import s2102 from './sensecap/s2102.examples.json' with { type: 'json' };
import s2103 from './sensecap/s2103.examples.json' with { type: 'json' };
import s2104 from './sensecap/s2104.examples.json' with { type: 'json' };
import s2105 from './sensecap/s2105.examples.json' with { type: 'json' };
import s2106 from './sensecap/s2106.examples.json' with { type: 'json' };

export const exampleKinds = ['good', 'history', 'fault', 'truncated'] as const;
export type ExampleKind = (typeof exampleKinds)[number];

export interface Example {
  readonly name: string;
  readonly kind: ExampleKind;
  readonly fPort: number;
  /** Hexadecimal. */
  readonly bytes: string;
  readonly measurements: readonly ExampleMeasurement[];
  /** Reasons, in the order of the frame. */
  readonly refusals: readonly string[];
}

/** A measurement as JSON holds it: its names are checked against the catalogue by a test, not by a type. */
export interface ExampleMeasurement {
  readonly channel: string;
  readonly quantity: string;
  readonly value: number;
  readonly measuredAt?: number;
  readonly suspect?: string;
}

interface ExampleFile {
  readonly model: string;
  readonly examples: readonly (Omit<Example, 'kind'> & { readonly kind: string })[];
}

const files: readonly ExampleFile[] = [
  lpp,
  lht65n,
  lse01,
  em300Th,
  em500Smtc,
  ts101,
  ts301,
  ts302,
  ruuvitag,
  s2101,
  s2102,
  s2103,
  s2104,
  s2105,
  s2106,
];

/** Examples by model id. */
export const examples: ReadonlyMap<string, readonly Example[]> = new Map(
  files.map((file) => [file.model, file.examples.map(parseExample)]),
);

function parseExample(example: ExampleFile['examples'][number]): Example {
  const kind = exampleKinds.find((name) => name === example.kind);
  if (kind === undefined) throw new Error(`example "${example.name}" is of an unknown kind: ${example.kind}`);
  return { ...example, kind };
}
