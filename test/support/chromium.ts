/**
 * Debian's Chromium, silent on the network but for what a test asks it.
 */
import { type Browser, chromium } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Starts a browser; the caller closes it. `flags` are added, as `--host-resolver-rules=…`; `without` are those that
 * tools add by themselves and people do not have, as `--disable-popup-blocking`.
 */
export function launchChromium(
  flags: readonly string[] = [],
  without: readonly string[] = [],
): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: [...FLAGS, ...flags],
    ignoreDefaultArgs: [...without],
    timeout: 30_000,
  });
}
