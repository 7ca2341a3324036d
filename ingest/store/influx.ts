import { authorization, connectInflux, type InfluxOptions } from './influx-connection.ts';
import { createLineEncoder } from './influx-lines.ts';
