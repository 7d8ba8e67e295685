/**
 * Writes every page in every language into a folder as plain files, to be
 * looked at: `node tools/page-gallery.ts [folder]`. It starts no browser.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STYLESHEET, stylesheetPath } from '../src/pages/stylesheet.ts';
import { GALLERY_BRANDING, gallery } from '../test/support/gallery.ts';

const folder = process.argv[2] ?? mkdtempSync(join(tmpdir(), 'ostiary-pages-'));
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, stylesheetPath('.')), STYLESHEET);
for (const { name, language, html } of gallery(GALLERY_BRANDING, '.'))
  writeFileSync(join(folder, `${name}.${language}.html`), html);
process.stdout.write(`${folder}\n`);
