/**
 * The table of the doctor's checks as docs/reference/doctor.md. Pure: what it returns, tools/docs.ts writes.
 */
import { GROUPS } from './check.ts';
import { CHECKS } from './checks.ts';

const INTRODUCTION = `# What the doctor looks at

<!-- Printed from src/cli/doctor/checks.ts by "npm run docs". -->

The names of [\`ostiary doctor\`](../how-to/doctor.md), as they stand before each line and in \`--json\`. Each question is answered with yes where its light is green.`;

/** docs/reference/doctor.md */
export function doctorReference(): string {
  const groups = (Object.keys(GROUPS) as (keyof typeof GROUPS)[]).flatMap((group) => {
    const inIt = CHECKS.filter((check) => check.group === group);
    if (inIt.length === 0) return [];
    const rows = inIt.map(({ name, asks, docs }) => `| \`${name}\` | ${asks} | [more](../${docs}) |`);
    return [`## ${GROUPS[group]}\n\n| Check | Asks | |\n|---|---|---|\n${rows.join('\n')}`];
  });
  return `${[INTRODUCTION, ...groups].join('\n\n')}\n`;
}
