import { HOUR, type Instant, isId } from '../../devices/index.ts';
import type { LineBatch, LineSeries } from './influx-lines.ts';
import { identifier, type Questions, type ResultSeries } from './influx-query.ts';
import { fieldsOf, rollupOf, TAG_LIST, TAGS, within } from './influx-read.ts';
import type { Measurement } from './store.ts';

/**
 * The rollup points of one hour of a measurement, to be written like any other point: fields `<quantity>_min`, `_max`,
 * `_mean`, `_sum` and `_count`. A question per field bounds an answer by the number of channels that have it.
 */
export async function rollupPoints(
  questions: Questions,
  measurement: Measurement,
  hour: Instant,
): Promise<LineBatch> {
  const series: LineSeries[] = [];
  const value: number[] = [];
  for (const field of await fieldsOf(questions, measurement)) {
    const countSoFar = await countsSoFar(questions, measurement, field, hour);
    for (const { tags, rows, column } of await aggregate(questions, measurement, field, hour)) {
      const [row] = rows;
      const { site = '', place = '', device = '', channel = '' } = tags;
      // Points of somebody else in the same database, without our tags, are not ours to roll up.
      if (row === undefined || ![site, place, device, channel].every(isId)) continue;
      const of = (figure: string): number => Number(row[column(figure)]);
      // Fewer points than the rollup saw: some were forgotten since, and it knows more than could be said now.
      if (of('count') < (countSoFar.get(keyOf(tags)) ?? 0)) continue;
      const figures = {
        min: of('min'),
        max: of('max'),
        mean: of('sum') / of('count'),
        sum: of('sum'),
        count: of('count'),
      };
      for (const [figure, number] of Object.entries(figures)) {
        const name = `${field}_${figure}`;
        series.push({
          index: series.length,
          measurement: rollupOf(measurement),
          site,
          place,
          device,
          channel,
          field: name,
        });
        value.push(number);
      }
    }
  }
  return { series, value, at: series.map(() => hour) };
}

function aggregate(
  questions: Questions,
  measurement: Measurement,
  field: string,
  hour: Instant,
): Promise<readonly ResultSeries[]> {
  const value = identifier(field);
  return questions.ask(
    `SELECT min(${value}) AS "min", max(${value}) AS "max", sum(${value}) AS "sum", count(${value}) AS "count" FROM ${identifier(measurement)} WHERE ${within({}, hour, hour + HOUR)} GROUP BY ${TAG_LIST}`,
  );
}

async function countsSoFar(
  questions: Questions,
  measurement: Measurement,
  field: string,
  hour: Instant,
): Promise<ReadonlyMap<string, number>> {
  const answer = await questions.ask(
    `SELECT last(${identifier(`${field}_count`)}) AS "count" FROM ${identifier(rollupOf(measurement))} WHERE ${within({}, hour, hour + HOUR)} GROUP BY ${TAG_LIST}`,
  );
  return new Map(
    answer.map(({ tags, rows, column }) => [keyOf(tags), Number(rows[0]?.[column('count')] ?? 0)]),
  );
}

function keyOf(tags: Readonly<Record<string, string>>): string {
  return TAGS.map((tag) => tags[tag] ?? '').join(' ');
}
