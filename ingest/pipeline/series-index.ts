/**
 * Which series a reading belongs to, and what its channel said last. The answer is remembered per channel for as long
 * as the registry names the same place.
 */
import type { Instant, QuantityName, Reading } from '../../devices/index.ts';
import type { RegistrySnapshot, Resolved } from '../registry/index.ts';
import { createSeriesCatalogue, type Series } from '../store/index.ts';
import { measurementOf } from './measurement.ts';

/** One quantity of one channel of one device. Mutable: every reading touches it. */
export interface Channel {
  readonly device: string;
  readonly channel: string;
  readonly quantity: QuantityName;
  where: Resolved;
  series: Series;
  /** The last measured reading, and where it was measured. */
  latest: Reading | undefined;
  latestWhere: Resolved;
  /** Number of the batch that changed `latest` last, and of the batch and hour that noted a rollup last. */
  changedIn: number;
  dueIn: number;
  dueHour: number;
}

/** The place of readings whose device was deployed nowhere at the time: kept, and visible as such. */
export const UNPLACED = 'unplaced';

/** The field of a value that is stored but neither charted nor graded, under the measurement `refused`. */
export function suspectField(quantity: QuantityName, reason: string): string {
  return `${quantity}__${reason}`;
}

export class SeriesIndex {
  readonly #devices = new Map<string, Map<string, Map<QuantityName, Channel>>>();
  readonly #catalogue = createSeriesCatalogue();
  #registry: RegistrySnapshot;
  #nowhere = new Map<string, Resolved>();

  constructor(registry: RegistrySnapshot) {
    this.#registry = registry;
  }

  /** A newer registry: every channel asks again where it is. What it said last stays. */
  useRegistry(registry: RegistrySnapshot): void {
    this.#registry = registry;
    this.#nowhere = new Map();
  }

  /** The channel of a reading measured at `at`; undefined when there are too many series already. */
  find(device: string, name: string, quantity: QuantityName, at: Instant): Channel | undefined {
    const where = this.#registry.resolve(device, name, at) ?? this.#nowhereOf(device);
    const quantities = this.#quantitiesOf(device, name);
    const known = quantities.get(quantity);
    if (known !== undefined && known.where === where) return known;
    const { site, place, kind } = where;
    const series = this.#catalogue.intern(measurementOf(kind, quantity), site, place, device, name, quantity);
    if (series === undefined) return undefined;
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
  suspectSeries(channel: Channel, reason: string): Series | undefined {
    const { site, place } = channel.where;
    const field = suspectField(channel.quantity, reason);
    return this.#catalogue.intern('refused', site, place, channel.device, channel.channel, field);
  }

  #quantitiesOf(device: string, name: string): Map<QuantityName, Channel> {
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
    return quantities;
  }

  #nowhereOf(device: string): Resolved {
    let nowhere = this.#nowhere.get(device);
    if (nowhere === undefined) {
      nowhere = { site: this.#registry.device(device)?.site ?? UNPLACED, place: UNPLACED, kind: 'room' };
      this.#nowhere.set(device, nowhere);
    }
    return nowhere;
  }
}
