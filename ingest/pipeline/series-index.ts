/**
 * Which series a reading belongs to, and what its channel said last. The answer is remembered per channel and holds
 * while readings fall into the deployment it was made for, so that the registry is not asked for every reading.
 */
import type { Instant, QuantityName, Reading } from '../../devices/index.ts';
import type { PlaceKind } from '../state/schema.ts';
import type { Measurement, Series } from '../store/store.ts';
import { measurementOf } from './measurement.ts';

/** Where a channel measured, and from when (included) to when (excluded) that answer holds. */
export interface Whereabouts {
  readonly site: string;
  readonly place: string;
  readonly kind: PlaceKind;
  readonly from: Instant;
  readonly to: Instant;
}

export type Locate = (device: string, channel: string, at: Instant) => Whereabouts;

/** One quantity of one channel of one device. Mutable: every reading touches it. */
export interface Channel {
  readonly device: string;
  readonly channel: string;
  readonly quantity: QuantityName;
  where: Whereabouts;
  series: Series;
  /** The last measured reading, and where it was measured. */
  latest: Reading | undefined;
  latestWhere: Whereabouts;
  /** Number of the batch that changed `latest` last, and of the batch and hour that noted a rollup last. */
  changedIn: number;
  dueIn: number;
  dueHour: number;
}

/** A series name is written with these parts; none of them may contain a space or a comma (see `isId`). */
function seriesKey(measurement: Measurement, where: Whereabouts, device: string, channel: string, field: string): string {
  return `${measurement},${where.site},${where.place},${device},${channel} ${field}`;
}

/** The field of a value that is stored but neither charted nor graded, under the measurement `refused`. */
export function suspectField(quantity: QuantityName, reason: string): string {
  return `${quantity}__${reason}`;
}

export class SeriesIndex {
  readonly #locate: Locate;
  readonly #devices = new Map<string, Map<string, Map<QuantityName, Channel>>>();
  readonly #interned = new Map<string, Series>();

  constructor(locate: Locate) {
    this.#locate = locate;
  }

  /** The registry changed: every channel asks again where it is. What it said last stays. */
  forgetPlaces(): void {
    for (const channels of this.#devices.values()) {
      for (const quantities of channels.values()) {
        for (const channel of quantities.values()) channel.where = { ...channel.where, to: channel.where.from };
      }
    }
  }

  /** The channel of a reading measured at `at`, its series valid for that time. */
  find(device: string, name: string, quantity: QuantityName, at: Instant): Channel {
    let channels = this.#devices.get(device);
    if (channels === undefined) {
      channels = new Map();
      this.#devices.set(device, channels);
    }
    let quantities = channels.get(name);
    if (quantities === undefined) {
      quantities = new Map();
      channels.set(name, quantities);
    }
    const known = quantities.get(quantity);
    if (known !== undefined && at >= known.where.from && at < known.where.to) return known;
    const where = this.#locate(device, name, at);
    const series = this.#intern(measurementOf(where.kind, quantity), where, device, name, quantity);
    if (known !== undefined) {
      known.where = where;
      known.series = series;
      known.dueIn = -1;
      return known;
    }
    const made: Channel = {
      device,
      channel: name,
      quantity,
      where,
      series,
      latest: undefined,
      latestWhere: where,
      changedIn: -1,
      dueIn: -1,
      dueHour: -1,
    };
    quantities.set(quantity, made);
    return made;
  }

  /** Where a suspect value of that channel is kept. */
  suspectSeries(channel: Channel, reason: string): Series {
    const { where, device, quantity } = channel;
    return this.#intern('refused', where, device, channel.channel, suspectField(quantity, reason));
  }

  #intern(measurement: Measurement, where: Whereabouts, device: string, channel: string, field: string): Series {
    const key = seriesKey(measurement, where, device, channel, field);
    const known = this.#interned.get(key);
    if (known !== undefined) return known;
    const { site, place } = where;
    const made: Series = { index: this.#interned.size, measurement, site, place, device, channel, field };
    this.#interned.set(key, made);
    return made;
  }
}
