import type { Handler } from '../call.ts';
import type { OperationName } from '../contract.ts';
import { listAudit, verifyAudit } from './audit.ts';
import { changeBatch } from './batch-settings.ts';
import {
  bulkRows,
  draftBulkAct,
  getBulkAct,
  listBulkActs,
  proceedBulkAct,
  startBulkAct,
  stopBulkAct,
} from './bulk.ts';
import { faceCrop, imageContent, imageOriginal, imageThumbnail } from './bytes.ts';
import {
  calibrationState,
  drawCalibrationPairs,
  listCalibrations,
  listDrawnPairs,
  makeCalibrationHere,
} from './calibration.ts';
import { decideCandidate, getCandidate, listCandidates, proposeCandidate, undoWord } from './candidates.ts';
import { dropDeadLetter, getDeadLetter, listDeadLetters, replayDeadLetter } from './dead-letters.ts';
import {
  addEnquiryPhotographs,
  changeEnquiryHere as changeEnquiry,
  endEnquiryHere as endEnquiry,
  getEnquiry,
  listEnquiries,
  listEnquiryEvents,
  noteEnquiry,
  openEnquiryHere as openEnquiry,
  seekFace,
} from './enquiries.ts';
import { erase, erasePerson, getErasure, listErasures } from './erasures.ts';
import { decide, faceMatches, faceSearch } from './faces.ts';
import { getImage } from './image.ts';
import { getBatch, imageFacets, listBatches, listImages, listTags } from './lists.ts';
import { actOnModelSwitch, getModels, startModelSwitch } from './models.ts';
import { listOutbox, sendAgain } from './outbox.ts';
import { pauseStep, resumeStep } from './pauses.ts';
import {
  changePerson,
  decidePersonFace,
  faceTaken,
  getGroup,
  getPerson,
  groupOfFace,
  listDecisions,
  listGroups,
  listPeople,
  makePerson,
  mergePerson,
  split,
  undoDecision,
  undoDecisions,
} from './people.ts';
import { exportPfif, importPfifHere } from './pfif.ts';
import { failures, live, me, pipeline, queues, throughput } from './pipeline.ts';
import { recoverHeld } from './recover.ts';
import { rerunImage } from './rerun.ts';
import { review } from './review.ts';
import { agreeToBeMeasured, measuredReviewers, setKnownPairRate } from './reviewers.ts';
import { queueStandings, stats, status, whyImage } from './standing.ts';
import { troubles } from './troubles.ts';
import { upload } from './upload.ts';
import { uploadBlock, uploadCommit, uploadPlan } from './upload-blocks.ts';

/** What each operation of the contract does. */
export const handlers: { readonly [Name in OperationName]: Handler<Name> } = {
  changePerson,
  decidePersonFace,
  erasePerson,
  faceTaken,
  getGroup,
  getPerson,
  groupOfFace,
  listDecisions,
  listGroups,
  listPeople,
  makePerson,
  mergePerson,
  split,
  undoDecision,
  undoDecisions,
  me,
  live,
  listBatches,
  getBatch,
  changeBatch,
  listTags,
  listImages,
  imageFacets,
  getImage,
  imageContent,
  imageThumbnail,
  imageOriginal,
  whyImage,
  rerunImage,
  faceCrop,
  faceMatches,
  faceSearch,
  decide,
  review,
  upload,
  uploadPlan,
  uploadBlock,
  uploadCommit,
  pipeline,
  queues,
  queueStandings,
  status,
  stats,
  failures,
  pauseStep,
  resumeStep,
  troubles,
  draftBulkAct,
  listBulkActs,
  getBulkAct,
  startBulkAct,
  proceedBulkAct,
  stopBulkAct,
  bulkRows,
  throughput,
  recoverHeld,
  listDeadLetters,
  getDeadLetter,
  replayDeadLetter,
  dropDeadLetter,
  listEnquiries,
  openEnquiry,
  getEnquiry,
  changeEnquiry,
  endEnquiry,
  noteEnquiry,
  listEnquiryEvents,
  addEnquiryPhotographs,
  seekFace,
  listCandidates,
  getCandidate,
  decideCandidate,
  proposeCandidate,
  undoWord,
  listOutbox,
  sendAgain,
  calibration: calibrationState,
  calibrate: makeCalibrationHere,
  listCalibrations,
  drawCalibrationPairs,
  listDrawnPairs,
  measuredReviewers,
  setKnownPairRate,
  agreeToBeMeasured,
  models: getModels,
  startModelSwitch,
  actOnModelSwitch,
  importPfif: importPfifHere,
  exportPfif,
  erase,
  listErasures,
  getErasure,
  listAudit,
  verifyAudit,
};
