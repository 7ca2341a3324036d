import { StoreError } from '../../ingest/index.ts';
import { ApiError } from './errors.ts';

/** Turns a store that does not answer into a 503; any other error stays what it is. */
export async function readable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    throw new ApiError(503, 'unavailable', `The store cannot be read now (${error.because}).`, {
      fix: 'What devices send is kept meanwhile. Try again in a minute; /readyz says what is wrong.',
    });
  }
}
