import { countPeople, round, type Sight, type Tag, toTags } from './concepts.ts';

interface Caption {
  text: string;
  confidence: number;
}

/** A template sentence claims less than a captioner's would: its confidence says so. */
const TEMPLATE_CONFIDENCE = 0.5;

/** Most things named beside the people. */
const MAX_THINGS = 3;

/** Tags that are told otherwise in a sentence. */
const NOT_THINGS = new Set(['person', 'human face', 'text', 'black and white']);

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

/**
 * One sentence put together from the tags; none for a picture in which nothing was found.
 * No model here writes captions, so nothing is said that a tag does not say.
 */
export function toCaptions(sight: Sight): Caption[] {
  const tags = toTags(sight);
  const things = tags.filter(({ name }) => !NOT_THINGS.has(name)).slice(0, MAX_THINGS);
  const people = describePeople(countPeople(sight));
  const nouns = [...(people ? [people] : []), ...things.map(({ name }) => withArticle(name))];
  if (tags.some(({ name }) => name === 'text')) nouns.push('text');
  const blackAndWhite = sight.colour.blackAndWhite;
  if (nouns.length === 0 && !blackAndWhite) return [];
  const subject = joinNouns(nouns);
  const text = blackAndWhite
    ? `a black and white photo${subject === '' ? '' : ` of ${subject}`}`
    : subject === 'text'
      ? 'a picture of text'
      : subject;
  return [{ text, confidence: round(leastConfidence(tags, things) * TEMPLATE_CONFIDENCE) }];
}

function leastConfidence(tags: Tag[], things: Tag[]): number {
  const told = tags.filter(({ name }) => NOT_THINGS.has(name));
  return Math.min(...[...told, ...things].map(({ confidence }) => confidence));
}

function describePeople(count: number): string | undefined {
  if (count === 0) return undefined;
  if (count === 1) return 'a person';
  if (count === 2) return 'two people';
  return `a group of ${NUMBERS[count] ?? ''} people`.replace('  ', ' ');
}

const withArticle = (name: string): string => `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;

function joinNouns(nouns: string[]): string {
  if (nouns.length <= 2) return nouns.join(' and ');
  return `${nouns.slice(0, -1).join(', ')} and ${nouns.at(-1)}`;
}
