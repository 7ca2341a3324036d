import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_PENDING, type SseEvent, sseParser } from './sse.ts';

function parse(chunks: readonly string[]): { events: SseEvent[]; ids: string[] } {
  const events: SseEvent[] = [];
  const ids: string[] = [];
  const feed = sseParser(
    (event) => events.push(event),
    (id) => ids.push(id),
  );
  for (const chunk of chunks) feed(chunk);
  return { events, ids };
}

const stream =
  'retry: 3000\nid: 4\n\n: still here\n\nevent: latest\nid: 5\ndata: {"a":\ndata: 1}\n\ndata:x\r\n\r\n';

test('events, ids, comments and several data lines', () => {
  expect(parse([stream])).toEqual({
    events: [
      { event: 'latest', data: '{"a":\n1}', id: '5' },
      { event: 'message', data: 'x', id: undefined },
    ],
    ids: ['4', '5'],
  });
});

test('wherever the network cuts the stream, the events are the same', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 8 }), (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const chunks = edges.slice(1).map((end, index) => stream.slice(edges[index], end));
      expect(parse(chunks)).toEqual(parse([stream]));
    }),
  );
});

test('an event that never ends does not fill the memory', () => {
  const piece = 'x'.repeat(MAX_PENDING);
  expect(parse(['data: ', piece, piece, '\n\ndata: y\n\n']).events.at(-1)?.data).toBe('y');
});
