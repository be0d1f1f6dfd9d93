import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { exportPage, type PfifExportOptions } from '../../../src/admin/pfif-export.ts';
import { importPfif, type PfifImportDeps, type PfifImportOptions } from '../../../src/admin/pfif-import.ts';
import { raw } from '../../../src/database/sql.ts';
import { People } from '../../../src/people/people.ts';
import type { PfifPerson } from '../../../src/people/pfif/fields.ts';
import { PfifLedger } from '../../../src/people/pfif/ledger.ts';
import { PFIF_FOOT, PFIF_HEAD, personXml } from '../../../src/people/pfif/write.ts';
import type { ResultStore } from '../../../src/results/store.ts';
import type { Subject } from '../../results/subject.ts';
import { aPerson, document, entries, noteText, personText, pieces } from './records.ts';
import { structureFaults } from './structure.ts';

const NOW = Date.parse('2026-11-30T00:00:00.000Z');
const signal = new AbortController().signal;
const OPTIONS: PfifImportOptions = {
  purpose: 'tracing',
  legalBasis: 'public interest',
  deaths: false,
  enquiries: true,
  domain: 'us.example',
};
const EVERYTHING: PfifExportOptions = {
  domain: 'us.example',
  photographs: false,
  minors: true,
  closed: true,
  deaths: true,
};

/** PFIF into a database and out of it, asked of every database. */
export function exchangeConformance(name: string, prepare: () => Promise<Subject>): void {
  describe(`PFIF on ${name}`, () => {
    let subject: Subject;
    let store: ResultStore;
    let people: People;
    let ledger: PfifLedger;
    let opened: Record<string, unknown>[];
    let photographs: string[];
    let now: number;

    beforeEach(async () => {
      subject = await prepare();
      store = await subject.open();
      await store.migrate();
      now = NOW;
      people = new People(store.database, { clock: () => now++ });
      ledger = new PfifLedger(store.database);
      opened = [];
      photographs = [];
    });
    afterEach(async () => {
      await store.close();
      await subject.clear();
    });

    const deps = (): PfifImportDeps => ({
      people,
      ledger,
      clock: () => now,
      erasePersons: async (ids) => {
        for (const id of ids) await people.persons.erase(id, 'ann');
      },
      openEnquiry: async (values) => {
        opened.push(values);
        return `enquiry-${opened.length}`;
      },
      addPhotograph: async (enquiry, bytes) => void photographs.push(`${enquiry} ${bytes}`),
      photograph: async ({ photo_url: url }) => {
        if (url?.includes('broken')) throw new Error('no such host');
        return url === undefined ? undefined : Buffer.from(url);
      },
    });
    const take = (xml: string, options: Partial<PfifImportOptions> = {}) =>
      importPfif(pieces(xml, 1000), 'ann', { ...OPTIONS, ...options }, deps(), signal);
    const give = async (options: Partial<PfifExportOptions> = {}, limit = 100) => {
      const told: unknown[] = [];
      const audit = { record: async (request: unknown) => void told.push(request) };
      let [xml, after] = ['', undefined as string | undefined];
      const leftOut = { minors: 0, closed: 0, hidden: 0 };
      do {
        const page = await exportPage(
          'ann',
          { ...EVERYTHING, ...options },
          { ledger, clock: () => now, audit } as never,
          { after, limit },
        );
        xml += page.records.join('');
        for (const why of ['minors', 'closed', 'hidden'] as const) leftOut[why] += page.leftOut[why];
        after = page.next;
      } while (after !== undefined);
      // Every page says who is in it: nobody gets one that the trail does not know of.
      const about = told.flatMap((request) => (request as { about: string[] }).about);
      expect(about.length).toBe(xml.match(/<pfif:person>/g)?.length ?? 0);
      return { xml: PFIF_HEAD + xml + PFIF_FOOT, leftOut };
    };
    const rows = async (statement: string) =>
      ((await store.database.read([raw(statement)]))[0] ?? []).map((row) => ({ ...row }));
    const personOf = async (id: string) =>
      (await rows(`SELECT person_id FROM pfif_record WHERE record_id = '${id}'`))[0]?.person_id as string;

    test('what comes in goes out again as the same record, and validates', async () => {
      const samples = fc
        .sample(aPerson, { numRuns: 40, seed: 11 })
        .map(({ person, notes }, at) => ({
          person: { ...person, person_record_id: `a.org/${at}`, full_name: person.full_name },
          notes: notes.map((note, n) => ({
            ...note,
            note_record_id: `a.org/${at}.${n}`,
            person_record_id: `a.org/${at}`,
          })),
        }))
        .map(({ person: { expiry_date: _, ...person }, notes }) => ({ person, notes }));
      const file =
        PFIF_HEAD +
        samples.map(({ person, notes }) => personXml(person as PfifPerson, notes)).join('') +
        PFIF_FOOT;
      const report = await take(file, { deaths: true });
      expect(report).toMatchObject({ refused: { count: 0 }, ended: null, unknown: {} });
      expect(report.persons.made).toBe(40);
      const { xml } = await give({ photographs: true }, 7);
      expect(structureFaults(xml)).toEqual([]);
      const before = await entries(file);
      const after = await entries(xml);
      const key = (all: typeof before) =>
        new Map(
          all.map((entry) => {
            if (entry.kind === 'refused') throw new Error('refused');
            const record: Record<string, string | undefined> =
              entry.kind === 'person' ? { ...entry.person } : { ...entry.note };
            return [record.note_record_id ?? record.person_record_id, record] as const;
          }),
        );
      const [came, went] = [key(before), key(after)];
      for (const [id, record] of came) {
        const back = went.get(id);
        // Photographs of children stay here; when a record was stored is said by whoever stores it.
        const { entry_date: _entered, photo_url: photo, profile_urls: profiles, ...rest } = record;
        expect(back).toMatchObject(rest);
        if (back?.photo_url !== undefined) expect(back.photo_url).toBe(photo);
        if (back?.profile_urls !== undefined) expect(back.profile_urls).toBe(profiles);
      }
    });

    test('the same file twice changes nothing; a newer record does, but not what somebody here has changed', async () => {
      const file = document(personText('a.org/1', noteText('a.org/n1')) + personText('a.org/2'));
      expect((await take(file)).persons.made).toBe(2);
      const again = await take(file);
      expect(again.persons).toMatchObject({ made: 0, unchanged: 2 });
      expect(again.notes).toMatchObject({ made: 0, unchanged: 1 });
      await people.persons.change(await personOf('a.org/2'), { fullName: 'Anna' }, 'ben');
      const newer = await take(
        file.replaceAll('2026-01-02T03', '2026-02-02T03').replaceAll('>Ana<', '>Ana B<'),
      );
      expect(newer.persons).toMatchObject({ changed: 1, keptOurs: 1 });
      expect(newer.notes.changed).toBe(1);
      expect((await people.persons.get(await personOf('a.org/1')))?.fullName).toBe('Ana B');
      expect((await people.persons.get(await personOf('a.org/2')))?.fullName).toBe('Anna');
      expect(await rows('SELECT COUNT(*) AS n FROM person')).toEqual([{ n: 2 }]);
      expect(await rows('SELECT COUNT(*) AS n FROM person_note')).toEqual([{ n: 1 }]);
    });

    test('what was erased here does not come back with the same file, and nothing but a hash is left of it', async () => {
      const marker = '<pfif:description>MARKER</pfif:description>';
      const file = document(
        personText('a.org/MARKER', `${marker}${noteText('a.org/n1', '<pfif:text>MARKER</pfif:text>')}`),
      );
      await take(file);
      await people.persons.erase(await personOf('a.org/MARKER'), 'ann');
      for (const table of ['person', 'person_note']) expect(await rows(`SELECT * FROM ${table}`)).toEqual([]);
      const left = await rows('SELECT * FROM pfif_record');
      expect(left.length).toBe(2);
      expect(JSON.stringify(left)).not.toContain('MARKER');
      const again = await take(
        file.replaceAll('2026-01-02T03', '2026-02-02T03').replaceAll('a.org', 'A.ORG'),
      );
      expect(again.persons).toMatchObject({ made: 0, erasedHere: 1 });
      expect(again.notes).toMatchObject({ made: 0, erasedHere: 1 });
      expect(await rows('SELECT * FROM person')).toEqual([]);
      await store.clear();
      expect((await take(file)).persons.erasedHere).toBe(1);
    });

    test('expiry is obeyed: on the way in, by a placeholder, and on the way out', async () => {
      const until = (day: string) => `<pfif:expiry_date>${day}T00:00:00Z</pfif:expiry_date>`;
      const over = await take(document(personText('a.org/old', until('2026-11-01') + noteText('a.org/n0'))));
      expect(over.persons).toMatchObject({ made: 0, expired: 1 });
      expect(over.notes).toMatchObject({ made: 0, noPerson: 1 });
      await take(
        document(
          personText('a.org/1', until('2026-12-24') + noteText('a.org/n1')) +
            personText('a.org/2', until('2026-12-24')),
        ),
      );
      now = Date.parse('2026-12-25T00:00:00Z');
      const { xml } = await give();
      expect(structureFaults(xml, now)).toEqual([]);
      expect(xml).not.toContain('Ana');
      const placeholder = document(
        `<pfif:person><pfif:person_record_id>a.org/1</pfif:person_record_id><pfif:entry_date>2026-12-24T10:00:00Z</pfif:entry_date>${until('2026-12-24')}<pfif:source_date>2026-12-24T10:00:00Z</pfif:source_date><pfif:full_name></pfif:full_name></pfif:person>`,
      );
      expect((await take(placeholder)).persons.expired).toBe(1);
      expect((await rows('SELECT person_id FROM person')).length).toBe(1);
      expect(await rows('SELECT * FROM person_note')).toEqual([]);
    });

    test('that somebody is dead is taken and told only where that is allowed', async () => {
      const dead = '<pfif:status>believed_dead</pfif:status>';
      const file = document(personText('a.org/1', noteText('a.org/n1', dead)));
      expect((await take(file)).notes).toMatchObject({ made: 0, deathNotAllowed: 1 });
      expect((await give()).xml).not.toContain('believed_dead');
      expect((await take(file, { deaths: true })).notes.made).toBe(1);
      expect((await give({ deaths: false })).xml).not.toContain('believed_dead');
      expect((await give()).xml).toContain('believed_dead');
    });

    test('an enquiry is opened once for whom the last word says to be sought, with the photograph', async () => {
      const status = (which: string, month: string) =>
        `<pfif:status>${which}</pfif:status>`.concat(`<!-- ${month} -->`);
      const note = (id: string, which: string, month: string) =>
        noteText(id, status(which, month)).replace('2026-01-02', `2026-${month}-02`);
      const photo = (url: string) => `<pfif:photo_url>https://a.org/${url}.jpg</pfif:photo_url>`;
      const file = document(
        personText('a.org/1', photo('one') + note('a.org/n1', 'information_sought', '02')) +
          personText(
            'a.org/2',
            note('a.org/n2', 'information_sought', '02') + note('a.org/n3', 'believed_alive', '03'),
          ) +
          personText(
            'a.org/3',
            `<pfif:age>9</pfif:age>${photo('broken')}${note('a.org/n4', 'believed_missing', '04')}`,
          ) +
          personText('a.org/4'),
      );
      const report = await take(file);
      expect(report).toMatchObject({ enquiries: 2, photographs: { taken: 1, failed: 1 } });
      const bySought = new Map(opened.map((one) => [one.sought, one]));
      expect(bySought.get(await personOf('a.org/1'))).toMatchObject({ purpose: 'tracing', minor: false });
      expect(bySought.get(await personOf('a.org/3'))).toMatchObject({ minor: true });
      expect(photographs.length).toBe(1);
      expect((await take(file)).enquiries).toBe(0);
      expect((await take(file, { enquiries: false })).enquiries).toBe(0);
    });

    test('children, ended enquiries, hidden persons and photographs stay here unless they are asked for', async () => {
      const photo = '<pfif:photo_url>https://a.org/1.jpg</pfif:photo_url>';
      await take(
        document(
          personText('a.org/adult', `<pfif:age>40</pfif:age>${photo}`) +
            personText('a.org/child', `<pfif:date_of_birth>2015</pfif:date_of_birth>${photo}`) +
            personText('a.org/closed', `<pfif:age>40</pfif:age>${photo}`),
        ),
        { enquiries: false },
      );
      const sought = await personOf('a.org/closed');
      const asks = await people.persons.make({ fullName: 'MOTHER' }, { by: 'ann' });
      await subject.administer(
        `INSERT INTO enquiry (enquiry_id, asked_by, sought, purpose, legal_basis, minor, state, opened_by, opened_at, changed_at, version)
          VALUES ('e1', '${asks.id}', '${sought}', 'p', 'l', 0, 'closed', 'ann', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 1)`,
      );
      const least = await give({ minors: false, closed: false, photographs: false });
      expect(least.xml).toContain('a.org/adult');
      for (const secret of ['a.org/child', 'a.org/closed', 'photo_url', 'MOTHER']) {
        expect(least.xml).not.toContain(secret);
      }
      expect(least.leftOut).toEqual({ minors: 1, closed: 1, hidden: 0 });
      const most = await give({ photographs: true });
      expect(most.xml).toContain('a.org/child');
      expect(most.xml).toContain('a.org/closed');
      // A face of a child, or of somebody whose enquiry has ended, goes nowhere.
      expect(most.xml.match(/photo_url/g)?.length).toBe(2);
      await people.persons.change(await personOf('a.org/adult'), { hidden: true }, 'ann');
      expect((await give()).xml).not.toContain('a.org/adult');

      // A person of our own, sought by an open enquiry, goes out under our name and says what for.
      const own = await people.persons.make({ fullName: 'Own' }, { by: 'ann' });
      await subject.administer(
        `INSERT INTO enquiry (enquiry_id, sought, purpose, legal_basis, minor, state, opened_by, opened_at, changed_at, version)
          VALUES ('e2', '${own.id}', 'p', 'l', 0, 'open', 'ann', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z', 1)`,
      );
      const { xml } = await give();
      expect(structureFaults(xml)).toEqual([]);
      expect(xml).toContain(`us.example/person.${own.id}`);
      expect(xml).toContain('information_sought');
      const back = await take(xml);
      expect(back.persons).toMatchObject({ made: 0, ourOwn: 1 });
    });

    test('a file that goes wrong in the middle keeps what came before, and says why', async () => {
      const report = await take(
        `${document(personText('a.org/1') + personText('1') + noteText('a.org/n'))}`.replace(
          '</pfif:pfif>',
          `<pfif:tattoo/>${personText('a.org/2', '<pfif:tattoo>x</pfif:tattoo><pfif:sex>?</pfif:sex>')}</pfif:pfif><!DOCTYPE x>`,
        ),
      );
      expect(report.persons.made).toBe(2);
      expect(report.refused.count).toBe(3);
      expect(report.refused.sentences[0]).toBe(
        'Line 3: the person (1) has a value that PFIF does not allow: person_record_id.',
      );
      expect(report).toMatchObject({
        leftOut: { sex: 1 },
        unknown: { tattoo: 1 },
        ended: { code: 'DocumentType' },
      });
    });

    test('broken off and done again, it is the same as done once', async () => {
      const file = document(
        Array.from({ length: 250 }, (_, n) => personText(`a.org/${n}`, noteText(`a.org/n${n}`))).join('\n'),
      );
      const stop = new AbortController();
      let writes = 0;
      const write = people.write.bind(people);
      people.write = async (work) => {
        writes += 1;
        if (writes === 3) stop.abort(new Error('stopped'));
        return write(work);
      };
      await expect(importPfif(pieces(file, 500), 'ann', OPTIONS, deps(), stop.signal)).rejects.toThrow(
        'stopped',
      );
      people.write = write;
      const [{ n } = {}] = await rows('SELECT COUNT(*) AS n FROM person');
      expect(n).toBeGreaterThan(0);
      expect(n).toBeLessThan(250);
      await take(file);
      expect(await rows('SELECT COUNT(*) AS n FROM person')).toEqual([{ n: 250 }]);
      expect(await rows('SELECT COUNT(*) AS n FROM person_note')).toEqual([{ n: 250 }]);
    });
  });
}
