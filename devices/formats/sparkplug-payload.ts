/**
 * The Protobuf payload of Sparkplug B, as a reflection descriptor of the fields read here. Field numbers are those of
 * the Sparkplug specification 3.0, section 6.4; data sets, templates and nested property sets are left out, so they
 * are skipped unread.
 */
import protobuf from 'protobufjs/light.js';

// In proto2 a field that is there and zero is not the same as one that is not there: quality 0 is bad.
const root = protobuf.Root.fromJSON({
  nested: {
    Payload: {
      edition: 'proto2',
      fields: {
        timestamp: { type: 'uint64', id: 1 },
        metrics: { rule: 'repeated', type: 'Metric', id: 2 },
        seq: { type: 'uint64', id: 3 },
      },
    },
    Metric: {
      edition: 'proto2',
      fields: {
        name: { type: 'string', id: 1 },
        alias: { type: 'uint64', id: 2 },
        timestamp: { type: 'uint64', id: 3 },
        datatype: { type: 'uint32', id: 4 },
        isHistorical: { type: 'bool', id: 5 },
        isNull: { type: 'bool', id: 7 },
        properties: { type: 'PropertySet', id: 9 },
        intValue: { type: 'uint32', id: 10 },
        longValue: { type: 'uint64', id: 11 },
        floatValue: { type: 'float', id: 12 },
        doubleValue: { type: 'double', id: 13 },
        booleanValue: { type: 'bool', id: 14 },
        stringValue: { type: 'string', id: 15 },
      },
    },
    PropertySet: {
      edition: 'proto2',
      fields: {
        keys: { rule: 'repeated', type: 'string', id: 1 },
        values: { rule: 'repeated', type: 'PropertyValue', id: 2 },
      },
    },
    PropertyValue: {
      edition: 'proto2',
      fields: {
        intValue: { type: 'uint32', id: 3 },
        longValue: { type: 'uint64', id: 4 },
        stringValue: { type: 'string', id: 8 },
      },
    },
  },
});
const payloadType = root.lookupType('Payload');

export interface SparkplugMetric {
  readonly name?: string;
  readonly alias?: number;
  readonly timestamp?: number;
  readonly datatype?: number;
  readonly isHistorical?: boolean;
  readonly isNull?: boolean;
  readonly properties?: {
    readonly keys?: readonly string[];
    readonly values?: readonly {
      readonly intValue?: number;
      readonly longValue?: number;
      readonly stringValue?: string;
    }[];
  };
  readonly intValue?: number;
  readonly longValue?: number;
  readonly floatValue?: number;
  readonly doubleValue?: number;
  readonly booleanValue?: boolean;
  readonly stringValue?: string;
}

export interface SparkplugPayload {
  readonly timestamp?: number;
  readonly seq?: number;
  readonly metrics?: readonly SparkplugMetric[];
}

/** Decodes a payload; undefined for bytes that are not one. */
export function parseSparkplug(bytes: Uint8Array): SparkplugPayload | undefined {
  try {
    // The descriptor above is the type: absent fields stay absent, 64-bit numbers become doubles.
    return payloadType.toObject(payloadType.decode(bytes), { longs: Number }) as SparkplugPayload;
  } catch {
    return undefined;
  }
}

/** The inverse, for simulators and tests. */
export function encodeSparkplug(payload: SparkplugPayload): Uint8Array {
  return payloadType.encode(payloadType.fromObject(payload)).finish();
}

/** Data types of the specification, section 6.4.16, that are signed integers, by their bits. */
const signedBits: ReadonlyMap<number | undefined, number> = new Map([
  [1, 8],
  [2, 16],
  [3, 32],
  [4, 64],
]);

/**
 * The number of a metric, or undefined when it has none.
 * @param datatype from the metric or from its birth
 */
export function metricNumber(
  metric: SparkplugMetric,
  datatype: number | undefined,
): number | boolean | undefined {
  const { intValue, longValue, floatValue, doubleValue, booleanValue } = metric;
  if (booleanValue !== undefined) return booleanValue;
  if (doubleValue !== undefined) return doubleValue;
  // A float carries 7 digits: 4.2 arrives as 4.199999809.
  if (floatValue !== undefined) return Number(floatValue.toPrecision(7));
  const raw = intValue ?? longValue;
  const bits = signedBits.get(datatype);
  if (raw === undefined || bits === undefined) return raw;
  // Negative numbers come as two's complement of their own width, or of the field's.
  const width = intValue === undefined ? 64 : raw >= 2 ** bits ? 32 : bits;
  return raw >= 2 ** (width - 1) ? raw - 2 ** width : raw;
}

/** The text or number of a metric's property. */
export function property(metric: SparkplugMetric, name: string): string | number | undefined {
  const at = metric.properties?.keys?.indexOf(name) ?? -1;
  const value = at < 0 ? undefined : metric.properties?.values?.[at];
  return value?.stringValue ?? value?.intValue ?? value?.longValue;
}
