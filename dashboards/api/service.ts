import { type Bars, createBars } from './bar.ts';
import type { ApiDeps } from './deps.ts';
import { type RegistryView, registryView } from './registry-view.ts';

/** What routes share: the dependencies, and what is remembered between requests. */
export interface Service extends ApiDeps {
  readonly registry: () => Promise<RegistryView>;
  readonly bars: Bars;
}

export function createService(deps: ApiDeps, onStoreFailure: (error: unknown) => void): Service {
  return { ...deps, registry: registryView(deps.state), bars: createBars(deps.store, onStoreFailure) };
}
