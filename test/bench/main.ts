/**
 * `npm run bench [-- --seconds 10 --json out.json]`: Greenlane beside bare Mosquitto, one run, one machine, the load
 * generator included. Figures are rates and ratios; nothing here passes or fails.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchDecode } from '../../devices/index.ts';
import { benchScience } from '../../ingest/science/bench.ts';
import { drainAfterOutage, latencyAt, type Measured, saturateGreenlane, saturateMosquitto } from './runs.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, json: { type: 'string' } },
});
const seconds = Number(values.seconds);
const say = (text: string): void => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);

say(`${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; ${seconds} s a run`);
const rows: Measured[] = [];
const measure = async (what: string, run: () => Promise<Measured>): Promise<Measured> => {
  say(`${what} ...`);
  const row = await run();
  rows.push(row);
  say(`${what}: ${row.text}`);
  return row;
};

const mosquitto = await measure('Mosquitto, QoS 1, stores nothing', () => saturateMosquitto(seconds));
await measure('Greenlane, everything in SQLite', () => saturateGreenlane('sqlite', seconds));
await measure('Greenlane, everything in InfluxDB 1.6', () => saturateGreenlane('influx', seconds));
await measure('PUBACK at 2,000 msg/s', () => latencyAt(2_000, seconds));
await measure('drain after 10 min away at 400 msg/s', () => drainAfterOutage(400, 600));

console.log(
  '\n| run | msg/s | of Mosquitto | p50 ms | p99 ms | RSS MB | note |\n|---|---|---|---|---|---|---|',
);
for (const row of rows) {
  const ratio =
    row.ratePerS === undefined ? '' : (row.ratePerS / (mosquitto.ratePerS ?? Number.NaN)).toFixed(2);
  const { p50Ms, p99Ms, rssMb } = row;
  const cells = [
    row.name,
    row.ratePerS?.toFixed(0),
    ratio,
    p50Ms?.toFixed(2),
    p99Ms?.toFixed(2),
    rssMb?.toFixed(0),
    row.text,
  ];
  console.log(`| ${cells.map((cell) => cell ?? '').join(' | ')} |`);
}
say('decode and science, one core each ...');
const decode = benchDecode(() => performance.now());
const science = benchScience(() => performance.now());
console.log('\n| decode, one core | messages/s |\n|---|---|');
for (const { name, messagesPerSecond } of decode)
  console.log(`| ${name} | ${messagesPerSecond.toFixed(0)} |`);
console.log('\n| science, one core | readings/s |\n|---|---|');
for (const { name, readingsPerSecond } of science)
  console.log(`| ${name} | ${readingsPerSecond.toFixed(0)} |`);
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ rows, decode, science }, null, 2)}\n`);
}
process.exit(0);
