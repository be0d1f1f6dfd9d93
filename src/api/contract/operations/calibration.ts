import { paths } from '../../routes.ts';
import * as calibration from '../calibration.ts';
import { files, type Operation } from '../operation.ts';
import * as pfif from '../pfif.ts';

/** What a match is worth, and exchange with others. */
export const calibrationOperations = {
  calibration: {
    method: 'GET',
    path: paths.calibration,
    role: 'viewer',
    summary: 'What a match is worth here: error rates and chances, as curves with their intervals.',
    answer: calibration.worth,
  },
  calibrate: {
    method: 'POST',
    path: paths.calibration,
    role: 'operator',
    summary: 'Finds out what a match is worth from what people have decided.',
    body: calibration.calibrateBody,
    answer: calibration.calibration,
    status: 201,
  },
  listCalibrations: {
    method: 'GET',
    path: paths.calibrations,
    role: 'viewer',
    summary: 'Calibrations, newest first.',
    query: calibration.calibrationQuery,
    answer: calibration.calibrationPage,
  },
  drawCalibrationPairs: {
    method: 'POST',
    path: paths.calibrationDraws,
    role: 'operator',
    summary: 'Draws pairs for reviewers, below the threshold too: without these, misses would read zero.',
    body: calibration.drawBody,
    answer: calibration.draw,
    status: 201,
  },
  listDrawnPairs: {
    method: 'GET',
    path: paths.drawnPairs,
    role: 'viewer',
    summary: 'Pairs that were drawn and that nobody has decided, without saying how sure the machine is.',
    query: calibration.drawnQuery,
    answer: calibration.drawnPage,
  },
  measuredReviewers: {
    method: 'GET',
    path: paths.reviewers,
    role: 'viewer',
    signedIn: true,
    summary: 'How reviewers are measured, where they agree: each sees their own figures.',
    answer: calibration.reviewers,
  },
  setKnownPairRate: {
    method: 'PUT',
    path: paths.reviewers,
    role: 'administrator',
    signedIn: true,
    summary: 'Sets how often pairs whose answer is known are mixed into review, for those who agree.',
    body: calibration.knownPairRateBody,
    answer: calibration.reviewers,
  },
  agreeToBeMeasured: {
    method: 'PUT',
    path: paths.reviewersMe,
    role: 'caseworker',
    signedIn: true,
    summary: 'Agrees to be measured, or takes that back: for oneself alone.',
    body: calibration.agreeBody,
    answer: calibration.reviewers,
  },
  importPfif: {
    method: 'POST',
    path: paths.pfif,
    role: 'caseworker',
    signedIn: true,
    summary: 'Takes a PFIF file in: persons, what is said of them, enquiries for those who are sought.',
    query: pfif.importQuery,
    body: { ...files, description: 'One file, 20 MB at most' },
    answer: pfif.importAnswer,
  },
  exportPfif: {
    method: 'GET',
    path: paths.pfif,
    role: 'caseworker',
    signedIn: true,
    summary:
      'Persons who are sought, as PFIF 1.4: no photographs, children or ended enquiries unless asked for.',
    query: pfif.exportQuery,
    answer: pfif.exportPage,
  },
} as const satisfies Record<string, Operation>;
