import type { PfifFault } from './faults.ts';
import type { Prefixes } from './namespaces.ts';
import type { RawRecord } from './raw-record.ts';

/** Most characters of one record. */
const MAX_RECORD = 1 << 20;
/** Most characters of the notes that are held until their person ends. */
const MAX_HELD_NOTES = 1 << 23;
/** Elements within elements of a record; PFIF has one level. */
const MAX_DEPTH = 32;

/** The elements that stand open between the start of a record and its end, and the text so far. */
class Level {
  readonly name: string;
  readonly line: number;
  readonly prefixes: Prefixes;
  readonly #open: string[] = [];
  #tooDeep = 0;
  #pieces: string[];
  #length: number;
  broken: PfifFault | undefined;

  constructor(name: string, startTag: string, line: number, prefixes: Prefixes) {
    this.name = name;
    this.line = line;
    this.prefixes = prefixes;
    this.#pieces = [startTag];
    this.#length = startTag.length;
  }

  get balanced(): boolean {
    return this.#open.length === 0 && this.#tooDeep === 0;
  }

  breakOff(fault: PfifFault): void {
    this.broken ??= fault;
  }

  text(piece: string): void {
    this.#length += piece.length;
    if (this.#length > MAX_RECORD) {
      this.breakOff('TooLarge');
      this.#pieces = [];
    } else this.#pieces.push(piece);
  }

  startTag(name: string, whole: string): void {
    if (this.#open.length < MAX_DEPTH) this.#open.push(name);
    else this.#tooDeep += 1;
    this.text(whole);
  }

  /** @returns whether the tag ends an element of this record, or nothing that stands open anywhere in it */
  endTag(name: string, whole: string): boolean {
    if (this.#tooDeep > 0) {
      this.#tooDeep--;
      this.breakOff('NotWellFormed');
      return true;
    }
    const at = this.#open.lastIndexOf(name);
    if (at === -1) return false;
    if (at !== this.#open.length - 1) this.breakOff('NotWellFormed');
    this.#open.length = at;
    this.text(whole);
    return true;
  }

  xml(): string {
    return this.#pieces.join('');
  }
}

/** A record whose start tag was read and whose end tag was not. */
export class OpenRecord {
  readonly kind: string;
  readonly #own: Level;
  #note: Level | undefined;
  #notes: RawRecord[] = [];
  #held = 0;

  constructor(kind: string, name: string, startTag: string, line: number, prefixes: Prefixes) {
    this.kind = kind;
    this.#own = new Level(name, startTag, line, prefixes);
  }

  get prefixes(): Prefixes {
    return (this.#note ?? this.#own).prefixes;
  }

  breakOff(fault: PfifFault): void {
    (this.#note ?? this.#own).breakOff(fault);
  }

  text(piece: string): void {
    (this.#note ?? this.#own).text(piece);
  }

  startTag(name: string, whole: string, empty: boolean): void {
    if (empty) this.text(whole);
    else (this.#note ?? this.#own).startTag(name, whole);
  }

  /** A note inside the person; one that stands open ends here, broken. @returns notes that are not held */
  beginNote(name: string, startTag: string, line: number, prefixes: Prefixes): RawRecord[] {
    const given = this.#endNote('NotWellFormed');
    if (!this.#own.balanced) this.#own.breakOff('NotWellFormed');
    this.#note = new Level(name, startTag, line, prefixes);
    return given;
  }

  /** @returns whether the record as a whole ended, and notes that are not held */
  endTag(name: string, whole: string): { ended: boolean; events: RawRecord[] } {
    const level = this.#note ?? this.#own;
    if (level.endTag(name, whole)) return { ended: false, events: [] };
    if (name === level.name) {
      const fault = level.balanced ? undefined : 'NotWellFormed';
      level.text(whole);
      if (level === this.#note) return { ended: false, events: this.#endNote(fault) };
      if (fault) level.breakOff(fault);
      return { ended: true, events: [] };
    }
    if (level === this.#note && name === this.#own.name) {
      const events = this.#endNote('NotWellFormed');
      if (!this.#own.balanced) this.#own.breakOff('NotWellFormed');
      this.#own.text(whole);
      return { ended: true, events };
    }
    level.breakOff('NotWellFormed');
    return { ended: false, events: [] };
  }

  close(broken?: PfifFault): RawRecord[] {
    const given = this.#endNote(broken);
    if (broken) this.#own.breakOff(broken);
    return [...given, toRaw(this.kind, this.#own, this.#notes)];
  }

  #endNote(broken?: PfifFault): RawRecord[] {
    const note = this.#note;
    this.#note = undefined;
    if (!note) return [];
    if (broken) note.breakOff(broken);
    const raw = toRaw('note', note, []);
    this.#held += raw.xml.length + 100;
    if (this.#held <= MAX_HELD_NOTES) {
      this.#notes.push(raw);
      return [];
    }
    return [{ ...raw, xml: '', broken: raw.broken ?? 'TooManyNotes' }];
  }
}

const toRaw = (kind: string, level: Level, notes: readonly RawRecord[]): RawRecord => ({
  kind,
  line: level.line,
  xml: level.xml(),
  prefixes: level.prefixes,
  notes,
  ...(level.broken && { broken: level.broken }),
});
