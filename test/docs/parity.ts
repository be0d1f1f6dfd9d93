import type { OperationName } from '../../src/api/contract.ts';

/** Why something is on one side only. */
interface Alone {
  readonly alone: string;
}

const FOR_THE_PAGE: Alone = { alone: 'for the page: a picture, or what it looks at all the time' };
const MANY: Alone = {
  alone: 'many that were chosen on the page; a command names a batch or a filter and does all itself',
};
const SEEN_TOGETHER: Alone = { alone: 'two faces are looked at side by side' };

/** By which command each operation of the API is to be had as well, or why by none. */
export const commandOf: Readonly<Record<OperationName, string | Alone>> = {
  me: FOR_THE_PAGE,
  live: FOR_THE_PAGE,
  listBatches: 'batch list',
  getBatch: 'batch show',
  changeBatch: 'batch set',
  listTags: FOR_THE_PAGE,
  listImages: 'results',
  imageFacets: FOR_THE_PAGE,
  getImage: 'results',
  imageContent: FOR_THE_PAGE,
  imageThumbnail: FOR_THE_PAGE,
  imageOriginal: { alone: 'who has the container has the files' },
  whyImage: 'why',
  rerunImage: 'rerun',
  faceCrop: FOR_THE_PAGE,
  faceMatches: 'matches',
  faceSearch: SEEN_TOGETHER,
  decide: 'decisions say',
  listGroups: 'person groups',
  getGroup: 'person group',
  groupOfFace: 'person group',
  split: 'person split',
  faceTaken: 'person taken',
  listPeople: 'person list',
  makePerson: 'person make',
  getPerson: 'person show',
  changePerson: 'person set',
  erasePerson: 'person erase',
  decidePersonFace: 'person face',
  mergePerson: 'person merge',
  listDecisions: 'decisions list',
  undoDecision: 'decisions undo',
  undoDecisions: 'decisions undo',
  review: SEEN_TOGETHER,
  upload: 'submit',
  uploadPlan: 'submit',
  uploadBlock: 'submit',
  uploadCommit: 'submit',
  pipeline: 'pipeline show',
  queues: 'queues',
  pauseStep: 'pause',
  resumeStep: 'resume',
  troubles: 'status',
  draftBulkAct: MANY,
  listBulkActs: MANY,
  getBulkAct: MANY,
  startBulkAct: MANY,
  proceedBulkAct: MANY,
  stopBulkAct: MANY,
  bulkRows: 'export',
  queueStandings: 'queues',
  status: 'status',
  stats: 'stats',
  failures: 'status',
  throughput: 'stats',
  listDeadLetters: 'poison list',
  getDeadLetter: 'poison show',
  replayDeadLetter: 'poison replay',
  recoverHeld: 'poison recover',
  dropDeadLetter: 'poison drop',
  listEnquiries: 'enquiry list',
  openEnquiry: 'enquiry open',
  getEnquiry: 'enquiry show',
  changeEnquiry: 'enquiry set',
  endEnquiry: 'enquiry end',
  noteEnquiry: 'enquiry note',
  listEnquiryEvents: 'enquiry show',
  addEnquiryPhotographs: 'enquiry photo',
  seekFace: 'enquiry face',
  listCandidates: 'candidates list',
  getCandidate: 'candidates show',
  decideCandidate: 'candidates same',
  proposeCandidate: 'candidates propose',
  undoWord: 'candidates undo',
  listOutbox: 'outbox list',
  sendAgain: 'outbox again',
  calibration: 'calibrate show',
  calibrate: 'calibrate run',
  listCalibrations: 'calibrate list',
  drawCalibrationPairs: 'calibrate draw',
  listDrawnPairs: SEEN_TOGETHER,
  measuredReviewers: 'calibrate reviewers show',
  setKnownPairRate: 'calibrate reviewers rate',
  agreeToBeMeasured: 'calibrate reviewers agree',
  models: 'model status',
  startModelSwitch: 'model start',
  actOnModelSwitch: 'model finish',
  importPfif: 'pfif import',
  exportPfif: 'pfif export',
  erase: 'erase',
  listErasures: 'receipts',
  getErasure: 'receipts',
  listAudit: 'audit list',
  verifyAudit: 'audit verify',
};

const THIS_MACHINE: Alone = { alone: 'about the data folder or the project of this machine' };
const THE_ACCOUNT: Alone = { alone: 'puts messages into queues by hand: for who may write to the account' };

/** Why a command is none of the API; what is not here is the counterpart of an operation. */
export const commandsAlone: Readonly<Record<string, Alone>> = {
  sql: { alone: 'for who may read the database itself' },
  'enquiry reopen': { alone: '`enquiry end`, the other way' },
  'model pause': { alone: '`model finish` with another word' },
  'model resume': { alone: '`model finish` with another word' },
  'model abandon': { alone: '`model finish` with another word' },
  'candidates different': { alone: '`candidates same` with another word' },
  'candidates later': { alone: '`candidates same` with another word' },
  'calibrate reviewers withdraw': { alone: '`calibrate reviewers agree`, the other way' },
  clear: { alone: 'ends an instance: for who owns its account and database, not for a key' },
  'pipeline check': { alone: '`api/pipeline/resolve`, which is as old as the first version, does it' },
  test: THE_ACCOUNT,
  post: THE_ACCOUNT,
  backup: THIS_MACHINE,
  restore: THIS_MACHINE,
  check: THIS_MACHINE,
  doctor: THIS_MACHINE,
  'connection-string': THIS_MACHINE,
};

const reason = (other: string | Alone): string => (typeof other === 'string' ? `\`${other}\`` : other.alone);

/** The table of docs/api.md: commands with their operations, then what stands on one side only. */
export function parityTable(
  operations: Readonly<Record<OperationName, { method: string; path: string }>>,
): string {
  const names = Object.keys(commandOf) as OperationName[];
  const route = (name: OperationName) => `${operations[name].method} \`${operations[name].path}\``;
  const commands = new Set(
    names.flatMap((name) => (typeof commandOf[name] === 'string' ? [commandOf[name]] : [])),
  );
  const rows = [
    ...[...commands].map((command) => [
      `\`${command}\``,
      names
        .filter((name) => commandOf[name] === command)
        .map(route)
        .join(', '),
    ]),
    ...names
      .filter((name) => typeof commandOf[name] !== 'string')
      .map((name) => [reason(commandOf[name]), route(name)]),
    ...Object.entries(commandsAlone).map(([command, { alone }]) => [`\`${command}\``, alone]),
  ];
  return ['| Command | API |', '|---|---|', ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}
