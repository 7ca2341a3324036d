import { useReader, useTicking } from '../context.ts';

/** How long ago something was measured, ticking. */
export function Age({ at }: { readonly at: string }) {
  const reader = useReader();
  const measured = Date.parse(at);
  const text = useTicking((now) => reader.ago(now - measured));
  return (
    <time class="small age" dateTime={at} title={reader.dateTime(measured)}>
      {text}
    </time>
  );
}
