import { makeCalibration } from '../../admin/calibrate.ts';
import { drawPairs } from '../../admin/draw-pairs.ts';
import type { App } from '../../app.ts';
import { figuresFor, PUBLISHED_RATES } from '../../domain/match-worth.ts';
import type { KeptCalibration } from '../../people/calibration/ledger.ts';
import { worthByCalibration } from '../../people/calibration/worth.ts';
import type { Handler } from '../call.ts';
import type { Calibration as CalibrationView } from '../contract.ts';
import { fromCursor, oneNumber, timeAndId, toCursor } from '../cursor.ts';
import { toPlace } from '../matches.ts';

const facesNow = async (app: App): Promise<number> => (await app.results()).counts.faces();

function toView({ id, at, by, model, seed, result }: KeptCalibration, faces: number): CalibrationView {
  const { rates, chances, ...rest } = result;
  const worth = (confidence: number) => worthByCalibration(result, confidence, faces);
  return {
    id,
    at,
    by,
    model,
    seed,
    ...rest,
    groups: [...rest.groups],
    ageGaps: [...rest.ageGaps],
    rates: rates.map((rate) => ({ ...rate, falseCandidates: worth(rate.threshold).falseCandidates })),
    chances: chances.map((stratum) => ({ ...stratum, chance: worth(stratum.from).chance })),
  };
}

export const calibrationState: Handler<'calibration'> = async ({ app }) => {
  const { ledger, model, threshold } = await app.calibration();
  const [faces, known, latest, draw, waiting] = await Promise.all([
    facesNow(app),
    ledger.latest(model, true),
    ledger.latest(model),
    ledger.latestDraw(model),
    ledger.undecided({ limit: 1 }),
  ]);
  const source = figuresFor(app.settings.FACE_ENDPOINT, model);
  return {
    model,
    threshold,
    faces,
    basis: known ? 'archive' : source,
    calibration: known ? toView(known, faces) : null,
    latest: latest ? toView(latest, faces) : null,
    published:
      source === null
        ? []
        : PUBLISHED_RATES.map((rate) => ({ ...rate, falseCandidates: rate.falseMatchRate * faces })),
    drawn: draw
      ? { at: draw.at, faces: draw.faces, searched: draw.searched, undecided: waiting.length > 0 }
      : null,
  };
};

export const makeCalibrationHere: Handler<'calibrate'> = async ({ app, person, body: { seed } }) =>
  toView(await makeCalibration(person.name, await app.calibration(), seed), await facesNow(app));

export const listCalibrations: Handler<'listCalibrations'> = async ({ app, query: { after, limit } }) => {
  const [at, id] = after === undefined ? [] : fromCursor(after, timeAndId);
  const { ledger } = await app.calibration();
  const kept = await ledger.list({
    limit,
    ...(at !== undefined && id !== undefined && { after: { at, id } }),
  });
  const last = kept.length === limit ? kept.at(-1) : undefined;
  const faces = await facesNow(app);
  return {
    items: kept.map((one) => toView(one, faces)),
    next: last ? toCursor([last.at, last.id]) : null,
  };
};

export const drawCalibrationPairs: Handler<'drawCalibrationPairs'> = async ({
  app,
  person,
  body,
  signal,
}) => {
  const report = await drawPairs(body, person.name, await app.calibration(), signal);
  return { ...report, below: [...report.below] };
};

export const listDrawnPairs: Handler<'listDrawnPairs'> = async ({ app, query: { after, limit } }) => {
  const [position] = after === undefined ? [] : fromCursor(after, oneNumber);
  const { ledger } = await app.calibration();
  const pairs = await ledger.undecided({ limit, ...(position !== undefined && { after: position }) });
  const places = await (await app.results()).faces(pairs.flatMap(({ faces }) => faces));
  const byKey = new Map(places.map((place) => [place.face, toPlace(place)]));
  const last = pairs.length === limit ? pairs.at(-1) : undefined;
  return {
    items: pairs.flatMap(({ faces: [one, other] }) => {
      const [a, b] = [byKey.get(one), byKey.get(other)];
      return a && b ? [{ a, b }] : [];
    }),
    next: last ? toCursor([last.position]) : null,
  };
};
