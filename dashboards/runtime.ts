import { StartError } from './system.ts';

/** Runs TypeScript without a build step, and has `node:sqlite` with timeouts. */
const NODE_MAJOR = 24;

/** @throws when a Node that cannot run the server runs it all the same (npm scripts use the pinned one) */
export function checkRuntime(version: string = process.versions.node): void {
  if (Number(version.split('.')[0]) >= NODE_MAJOR) return;
  throw new StartError(
    `Greenlane needs Node ${NODE_MAJOR}, this is ${version}. Start it with npm (npm start, npm run demo): npm install brought the right one.`,
  );
}
