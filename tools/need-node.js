// Says in one line what to do when the Node that runs the scripts is too old.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `Ostiary needs Node 24 or later; this is ${process.versions.node}. Run "npm ci" without --ignore-scripts (it brings Node 24 into node_modules/.bin), or install Node 24.\n`,
  );
  process.exit(1);
}
