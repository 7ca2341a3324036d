/** Server-sent events out of a text stream (WHATWG HTML, 9.2.6), because EventSource cannot send a token. Pure. */
export interface SseEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
}

/** A longer event is no event of ours: what would wait for its end is thrown away. */
export const MAX_PENDING = 4_000_000;

/** Feed it text as it comes; it calls back for every event that is complete. */
export function sseParser(
  onEvent: (event: SseEvent) => void,
  onId: (id: string) => void,
): (text: string) => void {
  let pending = '';
  return (text) => {
    pending += text;
    for (;;) {
      // A lone \r at the very end may be the first half of \r\n.
      const end = /\r\n\r\n|\n\n|\r\r(?!\n|$)/.exec(pending);
      if (end === null) break;
      const block = pending.slice(0, end.index);
      pending = pending.slice(end.index + end[0].length);
      dispatch(block, onEvent, onId);
    }
    if (pending.length > MAX_PENDING) pending = '';
  };
}

function dispatch(block: string, onEvent: (event: SseEvent) => void, onId: (id: string) => void): void {
  let event = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id') id = value;
  }
  if (id !== undefined) onId(id);
  if (data.length > 0) onEvent({ event, data: data.join('\n'), id });
}
