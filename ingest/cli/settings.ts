import type { World } from './command.ts';

export function settings(world: World): { readonly data: string; readonly timeZone: string } {
  return {
    data: world.env.GREENLANE_DATA ?? 'data',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}
