/** Every way a message can arrive: a new one is a file in formats and a line here. */
import { chirpstack } from './formats/chirpstack.ts';
import type { Envelope } from './formats/envelope.ts';
import { homeAssistant } from './formats/home-assistant.ts';
import { ruuviGateway } from './formats/ruuvi-gateway.ts';
import { shelly } from './formats/shelly.ts';
import { sparkplug } from './formats/sparkplug.ts';
import { tasmota } from './formats/tasmota.ts';
import { theThingsStack } from './formats/the-things-stack.ts';
import { zigbee2mqtt } from './formats/zigbee2mqtt.ts';

/** In the order they are asked: those with a root topic of their own come before those known by an ending. */
export const envelopes: readonly Envelope[] = [
  chirpstack,
  theThingsStack,
  zigbee2mqtt,
  ruuviGateway,
  sparkplug,
  homeAssistant,
  tasmota,
  shelly,
];

/** The envelope a topic belongs to, or undefined. */
export function findEnvelope(topic: string): Envelope | undefined {
  return envelopes.find((envelope) => envelope.matches(topic));
}
