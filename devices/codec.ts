/**
 * Any other device: a codec of the kind that ChirpStack and The Things Stack use, `decodeUplink({bytes, fPort,
 * recvTime, variables})`, run in QuickJS inside WebAssembly. It has no I/O, and gives the same result each time: every
 * frame gets a fresh interpreter, the clock is the time of receipt in UTC, randomness throws, and what bounds a run is
 * a count of steps, not a clock.
 *
 * Bounded are memory and the codec's own loops, calls and regular expressions. Not bounded is a single built-in call
 * over a sparse array of billions of elements: a codec is code somebody chose to install, and the thread that runs it
 * should have a watchdog.
 */
import {
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSWASMModule,
  RELEASE_SYNC,
} from 'quickjs-emscripten';
import type { Codec } from './formats/envelope.ts';
import { isObject } from './formats/json.ts';
import { excerpt, type Refusal } from './reading.ts';

// The compiler's library for servers leaves it out; Node has it.
declare const WebAssembly: {
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => object;
};

export interface CodecLimits {
  /** Steps of about 10,000 branches or calls each; 400 are some 100 ms on one slow core. */
  readonly steps: number;
  readonly stackBytes: number;
  readonly sourceBytes: number;
  readonly outputChars: number;
}

/** A vendor's largest codecs have 100 kB and need 2 steps; a decoded object of a sensor is below 2 kB. */
export const CODEC_LIMITS: CodecLimits = {
  steps: 400,
  stackBytes: 256 * 1_024,
  sourceBytes: 512 * 1_024,
  outputChars: 64 * 1_024,
};

/**
 * Pages of 64 kB that all codecs of a sandbox share: the 16 MB the engine is built for, and not one more. The engine's
 * own memory limit does not count the size of what it allocates, so the memory itself is what bounds it.
 */
const MEMORY_PAGES = 256;

/** Settings of a device that its codec reads. */
export type Variables = Readonly<Record<string, string>>;

export interface Sandbox {
  /**
   * Checks a codec and makes a decoder of it. The codec gives its frame's fields as `{data: {...}}`, or `{errors}`.
   * @returns a refusal with reason `codec_failed` when the source does not define `decodeUplink`
   */
  readonly load: (
    source: string,
    variables?: Variables,
    limits?: CodecLimits,
  ) => Codec | { readonly refusal: Refusal };
}

/** Starts the engine; the one place where loading its WebAssembly makes waiting necessary. */
export async function createSandbox(): Promise<Sandbox> {
  const wasmMemory = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });
  const engine = await newQuickJSWASMModuleFromVariant(newVariant(RELEASE_SYNC, { wasmMemory }));
  return {
    load: (source, variables = {}, limits = CODEC_LIMITS) => loadCodec(engine, source, variables, limits),
  };
}

function loadCodec(
  engine: QuickJSWASMModule,
  source: string,
  variables: Variables,
  limits: CodecLimits,
): ReturnType<Sandbox['load']> {
  if (source.length > limits.sourceBytes) {
    return failed(`a codec of at most ${limits.sourceBytes} characters`, `${source.length} characters`);
  }
  const check = run(engine, limits, 0, source, `typeof decodeUplink`);
  if ('refusal' in check) return check;
  if (check.text !== 'function')
    return failed('a codec that defines function decodeUplink(input)', check.text);
  return ({ bytes, fPort }, receivedAt) => {
    const input = JSON.stringify({ bytes: [...bytes], fPort, variables });
    const call = `JSON.stringify(decodeUplink(Object.assign(${input}, {recvTime: new Date()})))`;
    const outcome = run(engine, limits, receivedAt, source, call);
    return 'refusal' in outcome ? outcome : readOutput(outcome.text, limits);
  };
}

type Outcome = { readonly text: string } | { readonly refusal: Refusal };

function failed(expected: string, received: unknown): { readonly refusal: Refusal } {
  return { refusal: { reason: 'codec_failed', expected, received: excerpt(received) } };
}

/** Runs a codec and then an expression that gives a text, in an interpreter of their own. */
function run(
  engine: QuickJSWASMModule,
  limits: CodecLimits,
  receivedAt: number,
  source: string,
  expression: string,
): Outcome {
  let steps = 0;
  try {
    const runtime = engine.newRuntime();
    try {
      runtime.setMaxStackSize(limits.stackBytes);
      runtime.setInterruptHandler(() => {
        steps += 1;
        return steps > limits.steps;
      });
      const context = runtime.newContext();
      try {
        for (const code of [prelude(receivedAt), source]) {
          const fault = evaluate(context, code, () => undefined);
          if (fault !== undefined) return fault;
        }
        return (
          evaluate(context, expression, (text) => text) ?? failed('a codec that returns an object', 'nothing')
        );
      } finally {
        context.dispose();
      }
    } finally {
      runtime.dispose();
    }
  } catch (error) {
    // The engine itself gave up, as it does when its memory ends in the middle of setting up.
    return failed('a codec within its limits of memory and steps', error);
  }
}

function evaluate(
  context: QuickJSContext,
  code: string,
  keep: (text: string) => string | undefined,
): Outcome | undefined {
  const result = context.evalCode(code, 'codec.js');
  if (result.error !== undefined) {
    const error: unknown = context.dump(result.error);
    result.error.dispose();
    const message = isObject(error) ? `${String(error.name)}: ${String(error.message)}` : error;
    return failed('a codec that runs within its limits of memory and steps', message);
  }
  const text = keep(context.typeof(result.value) === 'string' ? context.getString(result.value) : '');
  result.value.dispose();
  return text === undefined || text === '' ? undefined : { text };
}

function readOutput(text: string, limits: CodecLimits): ReturnType<Codec> {
  if (text.length > limits.outputChars) {
    return failed(`a result of at most ${limits.outputChars} characters`, `${text.length} characters`);
  }
  const output: unknown = JSON.parse(text);
  if (!isObject(output)) return failed('a codec that returns {data: {...}}', output);
  const { data, errors } = output;
  if (Array.isArray(errors) && errors.length > 0) {
    const first: unknown = errors[0];
    return failed('a frame that the codec understands', first);
  }
  if (!isObject(data)) return failed('a codec that returns {data: {...}}', data);
  return { object: data };
}

/**
 * The clock stands at the time of receipt and counts in UTC: a codec that reads local time would otherwise give other
 * results on another server.
 */
function prelude(receivedAt: number): string {
  return `(() => {
  const Real = Date;
  const now = ${receivedAt};
  function Fixed(...parts) {
    if (new.target === undefined) return new Real(now).toISOString();
    if (parts.length === 0) return new Real(now);
    return parts.length === 1 ? new Real(parts[0]) : new Real(Real.UTC(...parts));
  }
  Object.assign(Fixed, { now: () => now, UTC: Real.UTC, parse: Real.parse, prototype: Real.prototype });
  Real.prototype.constructor = Fixed;
  for (const part of ['Date', 'Day', 'FullYear', 'Month', 'Hours', 'Minutes', 'Seconds', 'Milliseconds']) {
    Real.prototype['get' + part] = Real.prototype['getUTC' + part];
    if (part !== 'Day') Real.prototype['set' + part] = Real.prototype['setUTC' + part];
  }
  Real.prototype.getTimezoneOffset = () => 0;
  Real.prototype.toString = Real.prototype.toLocaleString = Real.prototype.toISOString;
  globalThis.Date = Fixed;
  Math.random = () => { throw new Error('a codec must give the same result each time'); };
})()`;
}
