#!/usr/bin/env node
import { existsSync } from 'node:fs';
import '../tools/need-node.js';

const built = new URL('../dist/src/main.js', import.meta.url);
await import(existsSync(built) ? built.href : new URL('../src/main.ts', import.meta.url).href);
