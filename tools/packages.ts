/**
 * The Debian packages that the whole of the tests needs, and how to tell that one is there.
 */

/** One package and the file that shows it is installed. */
export interface Package {
  readonly name: string;
  readonly file: string;
}

/** Everything, in the order of the one line that installs it. */
export const PACKAGES: readonly Package[] = [
  { name: 'prosody', file: '/usr/bin/prosody' },
  { name: 'lua5.4', file: '/usr/bin/lua5.4' },
  { name: 'lua-cjson', file: '/usr/lib/x86_64-linux-gnu/lua/5.4/cjson.so' },
  { name: 'lua-luaossl', file: '/usr/lib/x86_64-linux-gnu/lua/5.4/_openssl.so' },
  { name: 'nginx-light', file: '/usr/sbin/nginx' },
  { name: 'chromium', file: '/usr/bin/chromium' },
  { name: 'fonts-dejavu-core', file: '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf' },
  { name: 'openssl', file: '/usr/bin/openssl' },
];
