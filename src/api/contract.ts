/**
 * The contract of the HTTP API: every operation with its route, its role, and the shapes that go in and out. The
 * handlers, the OpenAPI document and the page are all held to it. Addresses for clients are in `routes.ts`.
 */
import type { z } from 'zod';
import * as audit from './contract/audit.ts';
import * as batches from './contract/batches.ts';
import * as bulk from './contract/bulk.ts';
import * as calibration from './contract/calibration.ts';
import * as candidates from './contract/candidates.ts';
import * as common from './contract/common.ts';
import * as enquiries from './contract/enquiries.ts';
import * as erasures from './contract/erasures.ts';
import * as faces from './contract/faces.ts';
import * as images from './contract/images.ts';
import * as people from './contract/people.ts';
import * as pfif from './contract/pfif.ts';
import * as pipeline from './contract/pipeline.ts';
import * as standing from './contract/standing.ts';
import * as trouble from './contract/trouble.ts';
import { paths } from './routes.ts';

export type * from './contract/batches.ts';
export type * from './contract/bulk.ts';
export type * from './contract/calibration.ts';
export type * from './contract/candidates.ts';
export type * from './contract/common.ts';
export type * from './contract/enquiries.ts';
export type * from './contract/erasures.ts';
export type * from './contract/faces.ts';
export type * from './contract/images.ts';
export type * from './contract/people.ts';
export type * from './contract/pipeline.ts';
export type * from './contract/status.ts';
export type * from './contract/trouble.ts';

/** What an operation takes or gives besides JSON. */
export interface Binary {
  readonly contentTypes: readonly string[];
  readonly description: string;
}

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Template as the Functions host has it, without a slash in front. */
  readonly path: string;
  readonly summary: string;
  /** The least role that may call it. */
  readonly role: common.Role;
  /** Whether only a person may call it: no function key. */
  readonly signedIn?: boolean;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType | Binary;
  /** Largest JSON body, in characters, where it is another than for most. */
  readonly maxJson?: number;
  readonly answer: z.ZodType | Binary | null;
  /** 200 where not given; 204 where `answer` is null. */
  readonly status?: number;
}

const picture: Binary = {
  contentTypes: ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/bmp'],
  description: 'With an ETag',
};
const files: Binary = { contentTypes: ['multipart/form-data'], description: 'One or more files' };

export const problemSchema = common.problem;

/** Every operation, by name. Names of path parameters end up in the OpenAPI document. */
export const operations = {
  me: { method: 'GET', path: paths.me, role: 'viewer', summary: 'Who is signed in.', answer: common.me },
  live: {
    method: 'GET',
    path: paths.live,
    role: 'viewer',
    summary: 'What may have changed, cheaply: to be polled.',
    answer: pipeline.live,
  },
  listBatches: {
    method: 'GET',
    path: paths.batches,
    role: 'viewer',
    summary: 'Batches by name, with counts.',
    query: batches.batchQuery,
    answer: batches.batchPage,
  },
  getBatch: {
    method: 'GET',
    path: paths.batch,
    role: 'viewer',
    summary: 'One batch and how far it is.',
    answer: batches.batchProgress,
  },
  changeBatch: {
    method: 'PUT',
    path: paths.batch,
    role: 'operator',
    summary: 'Says on what terms the photographs of a batch may be processed.',
    body: batches.batchConsentBody,
    answer: batches.batchChanged,
  },
  listTags: {
    method: 'GET',
    path: paths.tags,
    role: 'viewer',
    summary: 'Tags or categories, the most frequent first.',
    query: batches.tagQuery,
    answer: batches.tagList,
  },
  listImages: {
    method: 'GET',
    path: paths.images,
    role: 'viewer',
    summary: 'Images with a result, newest first.',
    query: images.imageQuery,
    answer: images.imagePage,
  },
  imageFacets: {
    method: 'GET',
    path: paths.imageFacets,
    role: 'viewer',
    summary: 'How many images fit, and their most frequent tags and categories.',
    query: images.facetQuery,
    answer: images.imageFacets,
  },
  getImage: {
    method: 'GET',
    path: paths.image,
    role: 'viewer',
    summary: 'Everything about one image.',
    answer: images.imageDetail,
  },
  imageContent: {
    method: 'GET',
    path: paths.imageContent,
    role: 'viewer',
    summary: 'The upright working image.',
    answer: picture,
  },
  imageThumbnail: {
    method: 'GET',
    path: paths.imageThumbnail,
    role: 'viewer',
    summary: 'The image in small.',
    answer: { ...picture, contentTypes: ['image/jpeg'] },
  },
  imageOriginal: {
    method: 'GET',
    path: paths.imageOriginal,
    role: 'viewer',
    summary: 'The file as it was uploaded, to be saved.',
    answer: { ...picture, contentTypes: ['application/octet-stream'] },
  },
  whyImage: {
    method: 'GET',
    path: paths.imageWhy,
    role: 'viewer',
    summary: 'Where an image is and why it is not further, by job id, blob name or address.',
    answer: standing.why,
  },
  rerunImage: {
    method: 'POST',
    path: paths.imageRerun,
    role: 'operator',
    summary: 'Does steps of an image again.',
    body: images.rerunBody,
    answer: images.rerunAnswer,
    status: 202,
  },
  faceCrop: {
    method: 'GET',
    path: paths.faceCrop,
    role: 'viewer',
    summary: 'The face, cut out.',
    answer: { ...picture, contentTypes: ['image/jpeg'] },
  },
  faceMatches: {
    method: 'GET',
    path: paths.faceMatches,
    role: 'viewer',
    summary: 'Possible matches of one face.',
    answer: faces.faceMatches,
  },
  faceSearch: {
    method: 'POST',
    path: paths.faceSearch,
    role: 'operator',
    summary: 'Finds the faces of an uploaded photograph among those enrolled; nothing of it is kept.',
    body: { ...files, description: 'One file' },
    answer: faces.faceSearchAnswer,
  },
  decide: {
    method: 'PUT',
    path: paths.decision,
    role: 'caseworker',
    signedIn: true,
    summary: 'Decides whether two faces are of the same person: any two.',
    body: faces.decisionBody,
    answer: faces.decision,
  },
  review: {
    method: 'GET',
    path: paths.review,
    role: 'viewer',
    summary: 'Possible matches that nobody has decided, the surest first.',
    query: faces.reviewQuery,
    answer: faces.reviewPage,
  },
  listGroups: {
    method: 'GET',
    path: paths.groups,
    role: 'viewer',
    summary: 'Groups of faces, the largest first, and from how sure on the machine joins two of them.',
    query: people.groupQuery,
    answer: people.groupPage,
  },
  getGroup: {
    method: 'GET',
    path: paths.group,
    role: 'viewer',
    summary: 'One group and its faces.',
    query: people.groupFacesQuery,
    answer: people.groupDetail,
  },
  groupOfFace: {
    method: 'GET',
    path: paths.groupOfFace,
    role: 'viewer',
    summary: 'The group that a face is in.',
    answer: people.group,
  },
  split: {
    method: 'POST',
    path: paths.split,
    role: 'caseworker',
    signedIn: true,
    summary: 'Takes faces out of their groups; whoever else is there stays.',
    body: people.splitBody,
    answer: null,
  },
  faceTaken: {
    method: 'PUT',
    path: paths.faceTaken,
    role: 'caseworker',
    signedIn: true,
    summary: 'Says when the photograph of a face was taken, as far as it is known.',
    body: people.takenBody,
    answer: null,
  },
  listPeople: {
    method: 'GET',
    path: paths.people,
    role: 'viewer',
    summary: 'Persons by name.',
    query: people.personQuery,
    answer: people.personPage,
  },
  makePerson: {
    method: 'POST',
    path: paths.people,
    role: 'caseworker',
    signedIn: true,
    summary: 'Makes a person, with or without faces.',
    body: people.personBody,
    answer: people.person,
    status: 201,
  },
  getPerson: {
    method: 'GET',
    path: paths.person,
    role: 'viewer',
    summary: 'One person.',
    answer: people.personDetail,
  },
  changePerson: {
    method: 'PUT',
    path: paths.person,
    role: 'caseworker',
    signedIn: true,
    summary: 'Changes what is known of a person.',
    body: people.personChange,
    answer: people.person,
  },
  erasePerson: {
    method: 'DELETE',
    path: paths.person,
    role: 'administrator',
    signedIn: true,
    summary: 'Removes a person and all that was decided about them; photographs stay.',
    answer: null,
  },
  decidePersonFace: {
    method: 'PUT',
    path: paths.personFace,
    role: 'caseworker',
    signedIn: true,
    summary: 'Says whether a face is this person.',
    body: people.personFaceBody,
    answer: people.logEntry.nullable(),
  },
  mergePerson: {
    method: 'POST',
    path: paths.personMerge,
    role: 'caseworker',
    signedIn: true,
    summary: 'Says that this person is another one: from then on both go by that one.',
    body: people.mergeBody,
    answer: people.logEntry,
  },
  listDecisions: {
    method: 'GET',
    path: paths.decisions,
    role: 'viewer',
    summary: 'What people decided, newest first.',
    query: people.decisionQuery,
    answer: people.decisionPage,
  },
  undoDecision: {
    method: 'POST',
    path: paths.decisionUndo,
    role: 'caseworker',
    signedIn: true,
    summary: 'Takes a decision back, as if it had never been; an undo, too.',
    body: people.undoDecisionBody,
    answer: people.logEntry,
  },
  upload: {
    method: 'POST',
    path: paths.uploads,
    role: 'operator',
    summary: 'Takes photographs into a batch.',
    query: batches.uploadQuery,
    body: files,
    answer: batches.uploadAnswer,
  },
  uploadPlan: {
    method: 'POST',
    path: paths.uploadPlan,
    role: 'operator',
    summary: 'Says how a file that is too large for one request is sent, or that it need not be.',
    query: batches.uploadQuery,
    body: batches.uploadPlanBody,
    answer: batches.uploadPlan,
  },
  uploadBlock: {
    method: 'PUT',
    path: paths.uploadBlock,
    role: 'operator',
    summary: 'Takes one block of a large file, counted from 0; it may be sent again.',
    query: batches.uploadBlockQuery,
    body: { ...files, description: 'One file: the block, under the name of the whole' },
    answer: null,
  },
  uploadCommit: {
    method: 'POST',
    path: paths.uploadCommit,
    role: 'operator',
    summary: 'Takes the file whose blocks were sent into the batch.',
    query: batches.uploadQuery,
    body: batches.uploadCommitBody,
    answer: batches.uploadAnswer,
  },
  pipeline: {
    method: 'GET',
    path: paths.pipeline,
    role: 'viewer',
    summary: 'The steps, and the pipeline of new images.',
    answer: pipeline.pipeline,
  },
  queues: {
    method: 'GET',
    path: paths.queues,
    role: 'viewer',
    summary: 'What is waiting in each queue.',
    answer: pipeline.queues,
  },
  pauseStep: {
    method: 'PUT',
    path: paths.pause,
    role: 'operator',
    summary: 'Lets the messages of a step wait; none is lost, and no attempt is counted.',
    body: pipeline.pauseBody,
    answer: null,
  },
  resumeStep: {
    method: 'DELETE',
    path: paths.pause,
    role: 'operator',
    summary: 'Lets a paused step go on.',
    answer: null,
  },
  troubles: {
    method: 'GET',
    path: paths.troubles,
    role: 'viewer',
    summary: 'What failed, was not taken, was given up or waits, by reason, each with what to do.',
    answer: trouble.troubles,
  },
  draftBulkAct: {
    method: 'POST',
    path: paths.bulkActs,
    role: 'operator',
    summary:
      'Lists what an act on many is about, to be confirmed; does nothing yet. Erasing and dropping need the role administrator.',
    body: bulk.bulkActBody,
    maxJson: 1_200_000,
    answer: bulk.bulkDraft,
    status: 201,
  },
  listBulkActs: {
    method: 'GET',
    path: paths.bulkActs,
    role: 'viewer',
    summary: 'Acts on many that were started lately, newest first.',
    answer: bulk.bulkActList,
  },
  getBulkAct: {
    method: 'GET',
    path: paths.bulkAct,
    role: 'viewer',
    summary: 'One of them, and how far it is.',
    answer: bulk.bulkAct,
  },
  startBulkAct: {
    method: 'POST',
    path: paths.bulkStart,
    role: 'operator',
    summary: 'Starts what was listed; it goes on in the background.',
    body: bulk.bulkStartBody,
    answer: bulk.bulkAct,
    status: 202,
  },
  proceedBulkAct: {
    method: 'POST',
    path: paths.bulkProceed,
    role: 'operator',
    summary: 'Works on it for some seconds, so that it need not wait for the timer.',
    answer: bulk.bulkAct,
  },
  stopBulkAct: {
    method: 'DELETE',
    path: paths.bulkAct,
    role: 'operator',
    summary: 'Forgets a draft, or ends an act before its end; what was done stays done.',
    answer: null,
  },
  bulkRows: {
    method: 'GET',
    path: paths.bulkRows,
    role: 'operator',
    summary: 'The rows of an export, as CSV.',
    answer: { contentTypes: ['text/csv; charset=utf-8'], description: 'One row per image' },
  },
  queueStandings: {
    method: 'GET',
    path: paths.queueStandings,
    role: 'viewer',
    summary:
      'The same with what was put back after an error, and when it is tried again; looks at every job.',
    answer: standing.queueStandings,
  },
  status: {
    method: 'GET',
    path: paths.status,
    role: 'viewer',
    summary: 'How many images wait, are under way at which step, and have finished how; looks at every job.',
    query: standing.batchOnly,
    answer: standing.status,
  },
  stats: {
    method: 'GET',
    path: paths.stats,
    role: 'viewer',
    summary: 'Throughput, latency by step, calls and retries by service; looks at every job.',
    query: standing.batchOnly,
    answer: standing.stats,
  },
  failures: {
    method: 'GET',
    path: paths.failures,
    role: 'viewer',
    summary: 'What failed, by step and reason.',
    answer: pipeline.failures,
  },
  throughput: {
    method: 'GET',
    path: paths.throughput,
    role: 'viewer',
    summary: 'Results written, minute by minute.',
    query: pipeline.throughputQuery,
    answer: pipeline.throughput,
  },
  listDeadLetters: {
    method: 'GET',
    path: paths.deadLetters,
    role: 'viewer',
    summary: 'Messages that could not be worked on.',
    query: pipeline.deadLetterQuery,
    answer: pipeline.deadLetterPage,
  },
  getDeadLetter: {
    method: 'GET',
    path: paths.deadLetter,
    role: 'operator',
    summary: 'One of them, whole.',
    answer: pipeline.deadLetter,
  },
  replayDeadLetter: {
    method: 'POST',
    path: paths.deadLetterReplay,
    role: 'operator',
    summary: 'Puts the message back into its queue.',
    answer: null,
  },
  listEnquiries: {
    method: 'GET',
    path: paths.enquiries,
    role: 'caseworker',
    summary: 'Enquiries, newest first.',
    query: enquiries.enquiryQuery,
    answer: enquiries.enquiryPage,
  },
  openEnquiry: {
    method: 'POST',
    path: paths.enquiries,
    role: 'caseworker',
    summary: 'Opens an enquiry; its photographs come afterwards.',
    body: enquiries.enquiryBody,
    answer: enquiries.enquiry,
    status: 201,
  },
  getEnquiry: {
    method: 'GET',
    path: paths.enquiry,
    role: 'caseworker',
    summary: 'One enquiry with its photographs.',
    answer: enquiries.enquiryDetail,
  },
  changeEnquiry: {
    method: 'PUT',
    path: paths.enquiry,
    role: 'caseworker',
    summary: 'Changes what is said of an enquiry.',
    body: enquiries.enquiryChange,
    answer: enquiries.enquiry,
  },
  endEnquiry: {
    method: 'PUT',
    path: paths.enquiryState,
    role: 'caseworker',
    signedIn: true,
    summary: 'Ends an enquiry with a reason, or takes its end back.',
    body: enquiries.enquiryEnd,
    answer: enquiries.enquiry,
  },
  noteEnquiry: {
    method: 'POST',
    path: paths.enquiryNotes,
    role: 'caseworker',
    summary: 'Adds a note to the time line.',
    body: enquiries.enquiryNote,
    answer: enquiries.enquiry,
  },
  listEnquiryEvents: {
    method: 'GET',
    path: paths.enquiryEvents,
    role: 'caseworker',
    summary: 'What happened to an enquiry, newest first.',
    query: enquiries.eventQuery,
    answer: enquiries.eventPage,
  },
  addEnquiryPhotographs: {
    method: 'POST',
    path: paths.enquiryPhotographs,
    role: 'caseworker',
    summary:
      'Takes photographs into an enquiry: the archive is searched for their faces, and from then on whatever arrives.',
    query: enquiries.photographQuery,
    body: files,
    answer: enquiries.photographAnswer,
  },
  seekFace: {
    method: 'PUT',
    path: paths.enquiryFace,
    role: 'caseworker',
    signedIn: true,
    summary: 'Says whether a face in a photograph of the enquiry is who is sought.',
    body: enquiries.soughtBody,
    answer: enquiries.enquiry,
  },
  listCandidates: {
    method: 'GET',
    path: paths.candidates,
    role: 'caseworker',
    summary: 'Candidates of one enquiry or of all, the surest first.',
    query: candidates.candidateQuery,
    answer: candidates.candidatePage,
  },
  getCandidate: {
    method: 'GET',
    path: paths.candidate,
    role: 'caseworker',
    summary: 'One candidate, as far as you may know it.',
    answer: candidates.candidateDetail,
  },
  decideCandidate: {
    method: 'PUT',
    path: paths.candidateWord,
    role: 'reviewer',
    signedIn: true,
    summary: 'Says whether a candidate is who is sought; a find takes two people.',
    body: candidates.wordBody,
    answer: candidates.candidateDetail,
  },
  undoWord: {
    method: 'POST',
    path: paths.candidateWordUndo,
    role: 'reviewer',
    signedIn: true,
    summary: 'Takes a word about a candidate back.',
    body: candidates.undoBody,
    answer: candidates.candidateDetail,
  },
  listOutbox: {
    method: 'GET',
    path: paths.outbox,
    role: 'operator',
    summary: 'What is told to others, newest first.',
    query: enquiries.outboxQuery,
    answer: enquiries.outboxPage,
  },
  sendAgain: {
    method: 'POST',
    path: paths.outboxAgain,
    role: 'operator',
    summary: 'Sends an event that was given up, or that waits, at once.',
    answer: null,
  },
  recoverHeld: {
    method: 'POST',
    path: paths.deadLetterRecovery,
    role: 'operator',
    summary:
      'Puts back to work what the Functions host holds back in the poison queues and shows within 20 seconds.',
    body: standing.recoverBody,
    answer: standing.recovered,
  },
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
  erase: {
    method: 'POST',
    path: paths.erasures,
    role: 'administrator',
    summary: 'Erases an image, a batch or a person with everything made of it.',
    body: erasures.erasureBody,
    answer: erasures.erasureAnswer,
  },
  listErasures: {
    method: 'GET',
    path: paths.erasures,
    role: 'administrator',
    summary: 'Receipts of erasures, newest first.',
    answer: erasures.receiptList,
  },
  getErasure: {
    method: 'GET',
    path: paths.erasure,
    role: 'administrator',
    summary: 'One receipt.',
    answer: erasures.receipt,
  },
  dropDeadLetter: {
    method: 'DELETE',
    path: paths.deadLetter,
    role: 'administrator',
    summary: 'Removes the message for good.',
    answer: null,
  },
  listAudit: {
    method: 'GET',
    path: paths.audit,
    role: 'administrator',
    summary: 'Who did what, newest first.',
    query: audit.auditQuery,
    answer: audit.auditPage,
  },
  verifyAudit: {
    method: 'GET',
    path: paths.auditVerification,
    role: 'administrator',
    summary: 'Looks for entries of the audit trail that are missing, were changed or moved.',
    answer: audit.auditVerification,
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;

/** What a successful JSON answer of an operation is, on the client. */
export type Answer<Name extends OperationName> =
  (typeof operations)[Name]['answer'] extends z.ZodType<infer T> ? T : never;
