/** Topics of devices that speak Greenlane's own formats: `greenlane/<site>/<device>/<leaf>`. */

/**
 * Ids of sites, places, devices and channels. They become topic levels, store tags and file names, so they are kept to
 * what none of these has to escape (design decision 8). 64 characters hold a DevEUI, a MAC or a UUID with a prefix.
 */
const ID = /^[A-Za-z0-9_.-]{1,64}$/;

/** True for a text that may be the id of a site, place, device or channel. `.` and `..` would be paths. */
export function isId(text: string): boolean {
  return ID.test(text) && text !== '.' && text !== '..';
}

export const TOPIC_ROOT = 'greenlane';

/** `up` carries readings, `status` the last will and presence, `down` commands to the device. */
export const leaves = ['up', 'status', 'down'] as const;
export type Leaf = (typeof leaves)[number];

export interface DeviceTopic {
  readonly site: string;
  readonly device: string;
  readonly leaf: Leaf;
}

export function deviceTopic(site: string, device: string, leaf: Leaf): string {
  return `${TOPIC_ROOT}/${site}/${device}/${leaf}`;
}

/** Takes a topic apart, or undefined when it is not one of ours. */
export function parseDeviceTopic(topic: string): DeviceTopic | undefined {
  const [root, site, device, last, ...rest] = topic.split('/');
  const leaf = leaves.find((name) => name === last);
  if (root !== TOPIC_ROOT || site === undefined || device === undefined) return undefined;
  if (leaf === undefined || rest.length > 0 || !isId(site) || !isId(device)) return undefined;
  return { site, device, leaf };
}
