/** `npm run bench:duplicates [-- --originals 150]`: what the step `duplicates` finds, and what it confuses, on a set made by code. */
import { atLeastOne, commandLine } from '../../scripts/command-line.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { measure } from './measure.ts';

const command = commandLine('bench:duplicates', 'Measures what the step duplicates finds and confuses.')
  .option('--originals <number>', 'pictures that are copied; four times as many are not', '150')
  .parse();
const originals = Math.floor(
  atLeastOne(command, '--originals', command.opts<{ originals: string }>().originals),
);
const most = readSettings(process.env).DUPLICATE_DISTANCE;
const sizes = { originals, strangers: originals * 4, pages: 100 };
const { pHash, dHash } = await measure(sizes, most);
const percent = (share: number): string => `${(share * 100).toFixed(share > 0.999 && share < 1 ? 3 : 1)} %`;

console.log(`${originals} pictures copied, ${sizes.strangers} others; flagged up to ${most} bits.\n`);
console.log('| Copy | found by pHash | by dHash |\n|---|---|---|');
for (const [copy, share] of Object.entries(pHash.recall)) {
  console.log(`| ${copy} | ${percent(share)} | ${percent(dHash.recall[copy] ?? 0)} |`);
}
console.log(`| **all copies (recall)** | ${percent(pHash.recallOfAll)} | ${percent(dHash.recallOfAll)} |`);
console.log(`| **precision** | ${percent(pHash.precision)} | ${percent(dHash.precision)} |`);
console.log(
  `| different pages of typed text taken for one | ${percent(pHash.pagesConfused)} | ${percent(dHash.pagesConfused)} |`,
);
console.log(`\n${pHash.differentPairs} pairs of different pictures were compared.`);
