import { type PfifFault, PfifFileError } from './faults.ts';
import { type Prefixes, pfifName, prefixesWithin } from './namespaces.ts';
import { OpenRecord } from './open-record.ts';
import type { RawRecord } from './raw-record.ts';

/** A start or end tag whole; a `<` inside is never well-formed. */
const TAG = /<(\/?)([^\s<>/"'=!?]+)((?:[\s/](?:[^<>"']|"[^"<]*"|'[^'<]*')*)?)>/y;
/** Longest tag, in characters: what is longer is text that nobody escaped. */
const MAX_TAG = 65_536;

/** What is passed over to its end, and whether it is kept as part of a record. */
const SPANS = [
  { start: '<!--', end: '-->', kept: false },
  { start: '<![CDATA[', end: ']]>', kept: true },
  { start: '<?', end: '?>', kept: false },
] as const;

/**
 * Cuts the records out of a PFIF document, or of a feed that carries such, as its text arrives: memory holds one record
 * at most, however long the file. What is broken in one record ends with it: the next start tag of a person or note,
 * or the end of the record around it, is where reading goes on. No document type is read, so no entity is ever defined.
 */
export class RecordCutter {
  #buffer = '';
  /** Where in the buffer what must wait for more text begins. */
  #rest = 0;
  #line = 1;
  /** Where in the buffer the next line ends, as far as that was looked for. */
  #newline = -1;
  #span: (typeof SPANS)[number] | undefined;
  #prefixes: Prefixes = new Set();
  #open: OpenRecord | undefined;
  #cut: RawRecord[] = [];
  /** Elements `pfif` that have begun and not ended. */
  #within = 0;
  /** Whether anything of the namespace of PFIF was seen. */
  seen = false;

  /** Why nothing more can be read: what was cut before it holds. */
  failure: PfifFileError | undefined;

  /** @returns records that ended in this piece of text; nothing more once there is a `failure` */
  push(text: string): RawRecord[] {
    if (this.failure) return [];
    this.#buffer += text;
    this.#newline = -1;
    let at = 0;
    for (;;) {
      const next = this.#span ? this.#passSpan(at) : this.#next(at);
      if (next === undefined) break;
      at = next;
    }
    this.#buffer = this.#buffer.slice(this.#rest);
    this.#rest = 0;
    return this.#cut.splice(0);
  }

  /** @returns the record that the end of the file cut off */
  end(): RawRecord[] {
    this.#open?.text(this.#buffer);
    this.#buffer = '';
    // Where it was cut between two records, no record tells of it.
    if (this.#open) this.#close('CutOff');
    else if (this.#within > 0 || (this.#span && this.seen)) {
      this.failure ??= new PfifFileError(
        'CutOff',
        `Line ${this.#line} is the last, and the file is not at its end there: it was cut off, and records are missing. Ask for it again.`,
      );
    }
    return this.#cut.splice(0);
  }

  /** @returns where to go on, or undefined where more text is needed */
  #next(at: number): number | undefined {
    const less = this.#buffer.indexOf('<', at);
    const textEnd = less === -1 ? this.#buffer.length : less;
    this.#take(at, textEnd);
    this.#rest = textEnd;
    if (less === -1) return undefined;
    const ahead = this.#buffer.slice(less, less + 9);
    for (const span of SPANS) {
      if (ahead.startsWith(span.start)) {
        this.#span = span;
        if (span.kept) this.#take(less, less + span.start.length);
        else this.#count(less, less + span.start.length);
        this.#rest = less + span.start.length;
        return this.#rest;
      }
      // "<!" may still become one of these.
      if (span.start.startsWith(ahead)) return undefined;
    }
    if (ahead.startsWith('<!')) return this.#declaration(less);
    return this.#tag(less);
  }

  #passSpan(at: number): number | undefined {
    const span = this.#span as (typeof SPANS)[number];
    const found = this.#buffer.indexOf(span.end, at);
    // The last characters may be the beginning of the end.
    const upTo =
      found === -1 ? Math.max(at, this.#buffer.length - span.end.length + 1) : found + span.end.length;
    if (span.kept) this.#take(at, upTo);
    else this.#count(at, upTo);
    this.#rest = upTo;
    if (found === -1) return undefined;
    this.#span = undefined;
    return upTo;
  }

  #declaration(less: number): number | undefined {
    if (!this.#open) {
      this.failure = new PfifFileError(
        'DocumentType',
        `Line ${this.#line} declares a document type. PFIF has none, and none is read, for it could define entities: take it out.`,
      );
      return undefined;
    }
    return this.#asText(less, 2);
  }

  /** What cannot be markup: its record is broken, and reading goes on behind it. */
  #asText(from: number, length: number): number {
    this.#open?.breakOff('NotWellFormed');
    this.#take(from, from + length);
    this.#rest = from + length;
    return this.#rest;
  }

  #tag(less: number): number | undefined {
    TAG.lastIndex = less;
    const match = TAG.exec(this.#buffer);
    if (!match) {
      const waits = this.#buffer.length - less <= MAX_TAG && this.#buffer.indexOf('<', less + 1) === -1;
      return waits ? undefined : this.#asText(less, 1);
    }
    const [whole, closing, name = '', rest = ''] = match;
    if (closing === '/') this.#endTag(name, whole);
    else this.#startTag(name, whole, rest.endsWith('/'));
    this.#count(less, less + whole.length);
    this.#rest = less + whole.length;
    return this.#rest;
  }

  #startTag(name: string, whole: string, empty: boolean): void {
    const prefixes = prefixesWithin(this.#open?.prefixes ?? this.#prefixes, whole);
    const local = pfifName(name, prefixes);
    if (this.#open && local !== 'person' && local !== 'note') {
      this.#open.startTag(name, whole, empty);
      return;
    }
    if (local === undefined || local === 'pfif') {
      this.#prefixes = prefixes;
      this.seen ||= local !== undefined;
      if (local === 'pfif' && !empty) this.#within += 1;
      return;
    }
    this.seen = true;
    if (local === 'note' && this.#open?.kind === 'person') {
      this.#cut.push(...this.#open.beginNote(name, whole, this.#line, prefixes));
    } else {
      if (this.#open) this.#close('NotWellFormed');
      this.#open = new OpenRecord(local, name, whole, this.#line, prefixes);
    }
    if (empty) this.#endTag(name, '');
  }

  #endTag(name: string, whole: string): void {
    if (pfifName(name, this.#prefixes) === 'pfif' && this.#within > 0) this.#within -= 1;
    if (!this.#open) return;
    const { ended, events } = this.#open.endTag(name, whole);
    this.#cut.push(...events);
    if (ended) this.#close();
    else if (pfifName(name, this.#prefixes) === 'pfif') this.#close('NotWellFormed');
  }

  #close(broken?: PfifFault): void {
    const open = this.#open as OpenRecord;
    this.#open = undefined;
    this.#cut.push(...open.close(broken));
  }

  #take(from: number, to: number): void {
    if (to <= from) return;
    if (this.#open) this.#open.text(this.#buffer.slice(from, to));
    this.#count(from, to);
  }

  #count(from: number, to: number): void {
    if (this.#newline < from) this.#newline = this.#newlineFrom(from);
    while (this.#newline < to) {
      this.#line += 1;
      this.#newline = this.#newlineFrom(this.#newline + 1);
    }
  }

  #newlineFrom(at: number): number {
    const found = this.#buffer.indexOf('\n', at);
    return found === -1 ? Number.POSITIVE_INFINITY : found;
  }
}
