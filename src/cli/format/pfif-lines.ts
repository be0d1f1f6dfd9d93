import type { PfifImportReport } from '../../admin/pfif-import.ts';
import { count } from './count.ts';
import { printable } from './printable.ts';

const WORDS: Readonly<Record<keyof PfifImportReport['persons'], string>> = {
  made: 'new',
  changed: 'changed',
  unchanged: 'here already',
  keptOurs: 'kept as somebody here has changed them',
  expired: 'expired',
  erasedHere: 'erased here before: not taken',
  ourOwn: 'copies of our own',
  noPerson: 'of a person that is not here',
  deathNotAllowed: 'that somebody is dead: not taken without --deaths',
};

/** What became of a PFIF file, in sentences. */
export function pfifLines({
  persons,
  notes,
  refused,
  enquiries,
  photographs,
  leftOut,
  unknown,
  ended,
}: PfifImportReport): string[] {
  const lines = [
    `Persons: ${inWords(persons)}.`,
    `Notes: ${inWords(notes)}.`,
    `Opened ${enquiries === 1 ? '1 enquiry' : `${enquiries} enquiries`}, with ${count(photographs.taken, 'photograph')}.`,
  ];
  if (photographs.failed > 0) {
    lines.push(`${count(photographs.failed, 'photograph')} could not be had: add them by hand.`);
  }
  if (refused.count > 0) {
    lines.push(`${count(refused.count, 'record')} could not be read:`);
    lines.push(...refused.sentences.slice(0, 10).map((sentence) => `  ${printable(sentence)}`));
    if (refused.count > 10) lines.push('  ... (all of them: --refused <file>)');
  }
  const named = (of: Readonly<Record<string, number>>) =>
    Object.entries(of)
      .map(([name, times]) => `${printable(name)} (${times})`)
      .join(', ');
  if (Object.keys(leftOut).length > 0) lines.push(`Fields left out for their value: ${named(leftOut)}.`);
  if (Object.keys(unknown).length > 0) lines.push(`Fields that PFIF does not have: ${named(unknown)}.`);
  if (ended) lines.push(`Reading ended before the end: ${ended.message}`);
  return lines;
}

function inWords(counts: PfifImportReport['persons']): string {
  const told = Object.entries(counts).filter(([, times]) => times > 0);
  return told.length === 0
    ? 'none'
    : told.map(([how, times]) => `${times} ${WORDS[how as keyof typeof WORDS]}`).join(', ');
}
