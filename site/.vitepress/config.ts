/**
 * The manual as a site of static files, searched in the browser: the same pages that are read in the repository, at the
 * same addresses. What stands in the margin is the list of docs/README.md.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { defineConfig } from 'vitepress';

const ROOT = join(import.meta.dirname, '../..');
/** A link of Markdown: its text and its address. */
const LINK = /\[([^\]]+)\]\(([^)\s]+)\)/;
/** Files and folders beside the pages that pages lead to, by their path in the repository. */
const beside = new Set<string>();

interface Item {
  readonly text: string;
  readonly link: string;
}

/** The sections of the list, each with what it leads to. */
function margin(): { text: string; items: Item[]; collapsed: boolean }[] {
  const sections = readFileSync(join(ROOT, 'docs/README.md'), 'utf8').split(/^## /m).slice(1);
  return sections.map((section) => {
    const [text = '', ...lines] = section.split('\n');
    const items = lines.flatMap((line) => {
      const [, name, address = ''] = LINK.exec(line) ?? [];
      if (name === undefined || !address.endsWith('.md')) return [];
      return [{ text: name.replaceAll('`', ''), link: `/docs/${address.replace(/(?:README)?\.md$/, '')}` }];
    });
    return { text, items, collapsed: false };
  });
}

/** What a heading is called in an address, as code hosts have it. */
function slugify(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** Where a link of a page leads, from the root. Throws where nothing is there: the manual leads nowhere in vain. */
function pathOf(address: string, page: string): string {
  const path = normalize(join(dirname(page), address)).replace(/\/$/, '');
  if (path.startsWith('..') || !existsSync(join(ROOT, path)))
    throw new Error(`${page} leads to ${path}, which is not there`);
  return path;
}

/** A file; of a folder all its files, one after the other. */
function textOf(path: string): string {
  if (!statSync(path).isDirectory()) return readFileSync(path, 'utf8');
  const files = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map(({ name }) => `===== ${name}\n${readFileSync(join(path, name), 'utf8')}`).join('\n');
}

export default defineConfig({
  title: 'Ostiary',
  description: 'The doorkeeper for self-hosted Jitsi Meet',
  srcDir: '..',
  outDir: './dist',
  cacheDir: './dist-cache',
  srcExclude: ['node_modules/**', '**/node_modules/**', 'test/**', '**/dist/**', '.lab/**'],
  rewrites: (id) => id.replace(/(^|\/)README\.md$/, '$1index.md'),
  cleanUrls: false,
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/' },
      { text: 'Manual', link: '/docs/' },
      { text: 'Settings', link: '/docs/reference/config' },
      { text: 'Problems', link: '/docs/reference/problems' },
    ],
    sidebar: [{ text: 'Start', items: [{ text: 'Ostiary', link: '/' }] }, ...margin()],
  },
  // The index of the search is one file, and fetched by who searches alone; kilobytes.
  vite: { build: { chunkSizeWarningLimit: 1500 } },
  markdown: {
    // As where the repository is read: one link is good in both.
    anchor: { slugify },
    config(md) {
      // Our pages are read in the repository too: what is not HTML there is none here, but for comments and headings' marks.
      const text = md.renderer.rules.text;
      md.renderer.rules.text = (tokens, at, ...more) => {
        const escaped = text?.(tokens, at, ...more) ?? md.utils.escapeHtml(tokens[at]?.content ?? '');
        return escaped.replaceAll('{{', '&#123;&#123;');
      };
      // What is no page is shown as text: a browser would save a unit or a Dockerfile.
      md.core.ruler.push('beside', ({ tokens, env }) => {
        const links = tokens
          .flatMap(({ children }) => children ?? [])
          .filter(({ type }) => type === 'link_open');
        for (const link of links) {
          const address = link.attrGet('href') ?? '';
          if (address === '' || /^[a-z]+:|^#/.test(address)) continue;
          if (/\.md(?:#.*)?$/.test(address)) {
            link.attrSet('href', address.replace(/README\.md(?=#|$)/, 'index.md'));
            continue;
          }
          const path = pathOf(address, (env as { relativePath?: string }).relativePath ?? '');
          beside.add(path);
          link.attrSet('href', `/beside/${path}.txt`);
        }
      });
    },
  },
  buildEnd({ outDir }) {
    for (const path of beside) {
      const target = join(outDir, 'beside', `${path}.txt`);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, textOf(join(ROOT, path)));
    }
  },
});
