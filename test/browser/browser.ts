import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { type Asked, openAsked } from '../../dashboards/testing/ask.ts';
import { knownServers, requireProgram } from '../servers/find.ts';

/** The built page over a village with a month behind it, in a real Chromium. */

export const chromiumPath = requireProgram(knownServers.chromium);
const out = resolve(import.meta.dirname, '../out');
export const webRoot = join(out, 'web');
export const shots = join(out, 'page');

export const sizes = { phone: { width: 360, height: 780 }, wall: { width: 1280, height: 860 } } as const;

export interface View {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the console said in anger: failed requests, violated policies, exceptions. */
  readonly complaints: string[];
}

export interface Stage {
  readonly asked: Asked;
  readonly base: string;
  readonly port: number;
  readonly view: (options?: {
    size?: keyof typeof sizes;
    locale?: string;
    dark?: boolean;
    base?: string;
  }) => Promise<View>;
  readonly close: () => Promise<void>;
}

/** Builds the page as a release does, so that what is tested is what is in the source now. */
export async function buildPage(): Promise<void> {
  await build({
    configFile: resolve(import.meta.dirname, '../../dashboards/web/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: webRoot, emptyOutDir: true },
  });
}

export async function openStage(): Promise<Stage> {
  mkdirSync(shots, { recursive: true });
  await buildPage();
  const asked = await openAsked(Date.now(), 31, { open: true, webRoot, livePollMs: 50, clock: Date.now });
  await asked.app.listen({ host: '127.0.0.1', port: 0 });
  const address: AddressInfo | string | null = asked.app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const base = `http://127.0.0.1:${port}`;
  const browser = await launch();
  return {
    asked,
    base,
    port,
    view: (options = {}) => openView(browser, { base, ...options }),
    close: async () => {
      await browser.close();
      await asked.close();
    },
  };
}

function launch(): Promise<Browser> {
  const switches = ['no-sandbox', 'disable-gpu', 'disable-quic', 'no-first-run'];
  const quiet = ['disable-background-networking', 'disable-component-update', 'disable-sync'];
  return chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [...switches, ...quiet].map((name) => `--${name}`),
  });
}

async function openView(
  browser: Browser,
  options: { size?: keyof typeof sizes; locale?: string; dark?: boolean; base: string },
): Promise<View> {
  const { size = 'wall', locale = 'en', dark = false, base } = options;
  const context = await browser.newContext({
    baseURL: base,
    viewport: sizes[size],
    locale,
    colorScheme: dark ? 'dark' : 'light',
    hasTouch: size === 'phone',
    // The site's zone decides what is shown; the browser sits elsewhere.
    timezoneId: 'America/New_York',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, context, complaints };
}
