/** Sites, places, devices, deployments, credentials and tokens. */
export * from './access-sync.ts';
export * from './credentials.ts';
export * from './deployment.ts';
export * from './devices.ts';
export * from './outcome.ts';
export * from './place-limits.ts';
export * from './register.ts';
export * from './sites.ts';
export * from './snapshot.ts';
export * from './tokens.ts';
