// Says in one line what to do when the Node that runs the scripts is too old.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  // With its whole path: whoever calls this may be in any folder.
  const brought = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url));
  process.stderr.write(
    `Ostiary needs Node 24 or later; this is ${process.versions.node}. ${
      existsSync(brought)
        ? `Another one is here; write it instead of "node": ${brought}`
        : 'Run "npm ci" without --ignore-scripts (it brings Node 24 into node_modules/.bin), or install Node 24.'
    }\n`,
  );
  process.exit(1);
}
