/** One line of the table: on this way everything that fits `first` is over before anything that fits `later` begins. */
export interface Order {
  readonly first: RegExp;
  readonly later: RegExp;
  /** What a crash between the two would do if they were the other way round. */
  readonly why: string;
  /** Of `later` only the last is meant: it is done again after `first`. */
  readonly again?: true;
  /** Only what of `later` begins before this counts. */
  readonly until?: RegExp;
  /** They take turns: the n-th of `first` before the n-th of `later`. */
  readonly inTurn?: true;
}

const row = (column: string) => new RegExp(`^table merge pipelinelogs .*"${column}"`);
const anyDeletion = /^(blob delete|table delete|face remove|results\.erasures remove)/;

/** What comes before what, on every way that a message, an image or an erasure can go. */
export const orders = {
  'a blob is admitted': [
    {
      first: /^table merge joblinks/,
      later: /^table insert pipelinelogs/,
      why: 'an erasure by the name of the picture would not find its job',
    },
    {
      first: /^table insert jobindex/,
      later: /^(blob write|table insert pipelinelogs)/,
      why: 'another batch with the same job id would find its renditions and its row overwritten',
    },
    {
      first: /^blob write renditions/,
      later: /^table insert pipelinelogs/,
      why: 'the row would name a rendition that never comes',
    },
    {
      first: /^table insert pipelinelogs/,
      later: /^table get tombstones/,
      again: true,
      why: 'an erasure between the first look and the row would leave the row',
    },
    {
      first: /^table get tombstones/,
      later: /^queue send/,
      why: 'an erased image would be worked on again',
    },
    {
      first: /^table insert pipelinelogs/,
      later: /^queue send/,
      why: 'the message would be admitted as one posted by hand',
    },
    {
      first: /^queue send first/,
      later: row('jobSent'),
      why: 'the job would count as sent, and its message never come: lost',
    },
    { first: row('jobSent'), later: /^returned/, why: 'the host would delete the event before the end' },
  ],
  'a message posted by hand is admitted': [
    {
      first: /^table merge joblinks/,
      later: /^table insert pipelinelogs/,
      why: 'an erasure by the name of the picture would not find its job',
    },
    {
      first: /^table insert jobindex/,
      later: /^(blob write|table insert pipelinelogs)/,
      why: 'another batch with the same job id would find its renditions and its row overwritten',
    },
    {
      first: /^table insert pipelinelogs/,
      later: /^table get tombstones/,
      again: true,
      why: 'an erasure between the first look and the row would leave the row',
    },
    { first: /^table insert pipelinelogs/, later: /^step first/, why: 'its outcome has nowhere to stand' },
  ],
  'a foreign image is copied in': [
    {
      first: /^table insert jobindex/,
      later: /^(fetch|blob write)/,
      why: 'the copy would be written over that of another batch',
    },
    {
      first: /^blob write renditions/,
      later: /^table insert pipelinelogs/,
      why: 'the row would name a copy that never comes',
    },
  ],
  'a step is done': [
    {
      first: /^step first/,
      later: /^(blob write|table merge|queue send)/,
      why: 'nothing is told of before it is',
    },
    {
      first: /^blob write largemessages/,
      later: row('first_output'),
      why: 'the row would lead to an output that never comes',
    },
    {
      first: row('first_output'),
      later: /^queue send second/,
      why: 'the next message would carry what is not recorded: done again, it may differ',
    },
    { first: /^queue send second/, later: /^returned/, why: 'the host would delete the only message: lost' },
  ],
  'a step is done a second time': [
    {
      first: /^queue send second/,
      later: /^returned/,
      why: 'the first delivery may have died before it sent',
    },
  ],
  'a step fails for good': [
    { first: row('first_exception'), later: /^queue send second/, why: 'the next step would not know why' },
    { first: /^queue send second/, later: /^returned/, why: 'the job would be lost' },
  ],
  'a step is throttled and put back': [
    {
      first: /^queue send first/,
      later: row('first_next'),
      why: 'a row that waits for a message which was never sent waits for ever',
    },
    { first: row('first_next'), later: /^returned/, why: 'the older copy would count' },
  ],
  'a step meets what nobody foresaw and is put back': [
    {
      first: /^queue send first/,
      later: row('first_next'),
      why: 'a row that waits for a message which was never sent waits for ever',
    },
    { first: row('first_next'), later: /^returned/, why: 'its attempts would not be counted' },
  ],
  'an image is gone': [
    {
      first: row('jobEnd'),
      later: /^queue send pipelineoutput/,
      why: 'the row would say nothing of the end',
    },
    { first: /^queue send pipelineoutput/, later: /^returned/, why: 'the job would be lost' },
  ],
  'the row of an image that is gone is written': [
    { first: /^retract/, later: /^step pipelineoutput/, why: 'the row would say that nothing is left of it' },
    { first: /^step pipelineoutput/, later: row('pipelineoutput'), why: 'done is what was written' },
  ],
  'the row is written': [
    {
      first: /^step pipelineoutput/,
      later: row('pipelineoutput'),
      why: 'a crash in between would leave an image without a row',
    },
  ],
  'a paused message is put back': [
    { first: /^queue send first/, later: /^returned/, why: 'the host would delete the only message: lost' },
  ],
  'a message is refused': [
    {
      first: /^blob write largemessages/,
      later: /^table merge deadletters/,
      why: 'the letter would have no text',
    },
    { first: /^table merge deadletters/, later: /^returned/, why: 'the host would delete the only copy' },
  ],
  'a poisoned message is put back': [
    { first: /^queue send first/, later: /^returned/, why: 'the host would delete the only message: lost' },
  ],
  'a poisoned message is blamed': [
    {
      first: /^table merge deadletters/,
      later: row('first_exception'),
      why: 'what the job died of could be shown to nobody',
    },
    {
      first: row('first_exception'),
      later: /^queue send second/,
      why: 'the step would be done again, and kill',
    },
    { first: /^queue send second/, later: /^returned/, why: 'the job would be lost' },
  ],
  'a dead letter is dropped': [
    {
      first: /^table delete deadletters/,
      later: /^blob delete largemessages/,
      why: 'a letter that was seen again meanwhile would stay without its text',
    },
  ],
  'a dead letter of an erased image is discarded': [
    {
      first: /^blob delete largemessages/,
      later: /^table delete deadletters/,
      why: 'nothing would lead to the text that is left',
    },
  ],
  'a dead letter is replayed': [
    {
      first: /^queue send/,
      later: /^table delete deadletters/,
      why: 'the message would be in neither place',
    },
  ],
  'a held poison message is sent anew': [
    {
      first: /^queue send first-poison/,
      later: /^queue delete first-poison/,
      why: 'the message would be lost',
    },
  ],
  'a message of an erased job is discarded': [
    {
      first: /^(retract|blob delete)/,
      later: /^table delete pipelinelogs/,
      why: 'what is left would have no row whose mark stops those at work',
    },
    {
      first: /^table delete pipelinelogs/,
      later: /^table delete jobindex/,
      why: 'the row would have no claim',
    },
    { first: /^table delete jobindex/, later: /^returned/, why: 'the next delivery is what would go on' },
  ],
  'a face is enrolled and looked for': [
    {
      first: /^face add/,
      later: /^table insert faceindex .*"freshId"/,
      why: 'a face would own an id that is not there',
    },
    {
      first: /^table insert faceindex .*"freshId"/,
      later: /^table merge faceindex .*"ownedAt"/,
      why: 'others would find a face that nobody owns and the sweep takes',
    },
    {
      first: /^table merge faceindex .*"ownedAt"/,
      later: /^face find/,
      why: 'of two photographs in flight neither would see the other',
    },
    {
      first: /^table merge faceindex .*"ownedAt"/,
      later: /^table get batchsettings/,
      again: true,
      until: /^face find/,
      why: 'who forbids matching while the face is enrolled would not be heard',
    },
  ],
  'an output that mentions another image is recorded': [
    {
      first: /^table merge joblinks/,
      later: row('facematch_output'),
      why: 'an erasure would not find the output that mentions its image',
    },
    {
      first: /^table merge joblinks \S*by/,
      later: /^table merge joblinks \S*in/,
      why: 'nothing would lead to a link that is left when its job is removed',
    },
  ],
  'the row of matches is written': [
    {
      first: /^results save/,
      later: /^table get batchsettings/,
      again: true,
      why: 'who forbids a match while the row is written would not be heard',
    },
    { first: /^results save/, later: row('pipelineoutput'), why: 'an image would be without a row' },
  ],
  'fresh faces move on': [
    {
      first: /^face add .*largefacelists/,
      later: /^table merge faceindex .*"largeId"/,
      inTurn: true,
      why: 'a face would own a copy that is not there',
    },
    {
      first: /^table merge faceindex .*"largeId"/,
      later: /^table merge faceindex .*"copyList"/,
      inTurn: true,
      why: 'maintenance would take the fresh face away before its copy is owned',
    },
    {
      first: /^table merge faceindex .*"copyList"/,
      later: /^face train/,
      why: 'the training would not cover the copy',
    },
  ],
  'fresh faces that have moved on are retired': [
    {
      first: /^face remove/,
      later: /^table delete faceindex/,
      inTurn: true,
      why: 'the list would hold a face that nothing leads to',
    },
    {
      first: /^table delete faceindex/,
      later: /^table merge faceindex .*"freshList":""/,
      inTurn: true,
      why: 'the row would say that the face is nowhere',
    },
  ],
  'an image is erased': [
    {
      first: /^table merge erasures .*subjects/,
      later: /^(table insert tombstones|results\.erasures entomb)/,
      why: 'nothing would know which images they were',
    },
    { first: /^audit/, later: anyDeletion, why: 'something would be gone and nobody have been told' },
    {
      first: /^table insert tombstones/,
      later: /^results\.erasures entomb/,
      why: 'a row could be written once more',
    },
    {
      first: /^table insert tombstones/,
      later: row('erasedAt'),
      why: 'who loses the row would find no tombstone, and write on',
    },
    {
      first: /^results\.erasures entomb/,
      later: anyDeletion,
      why: 'who saves after the deletion would bring the row back',
    },
    {
      first: row('erasedAt'),
      later: anyDeletion,
      why: 'who records after the deletion would bring the outputs back',
    },
    {
      first: /^table delete faceindex [^{]*list:/,
      later: /^face remove/,
      why: 'others would find a face that is being erased',
    },
    {
      first: /^face remove/,
      later: /^table delete faceindex [^{]*job:/,
      why: 'nothing would lead to a persisted face that is left',
    },
    {
      first:
        /^(blob delete|face remove|results\.erasures remove|table delete (deadletters|imagehashes|faceindex))/,
      later: /^table delete pipelinelogs/,
      why: 'the mark on the row is what stops those at work',
    },
    { first: anyDeletion, later: /^table .* erasures .*"state":"provisional"/, why: 'the receipt would lie' },
  ],
  'an erasure becomes final': [
    {
      first: /^table delete erasures .*subjects/,
      later: /^table .* erasures .*"state":"final"/,
      why: 'names of what was erased would stay for good',
    },
  ],
  'matching is forbidden for a batch': [
    {
      first: /^table (insert|merge) batchsettings .*"pending":true/,
      later: /^(results applyConsent|face remove)/,
      why: 'who enrols meanwhile would not see it',
    },
    {
      first: /^(results applyConsent|face remove|table merge pipelinelogs)/,
      later: /^table merge batchsettings .*"pending":false/,
      why: 'what is left to do would be forgotten',
    },
  ],
} as const satisfies Record<string, readonly Order[]>;

export type Way = keyof typeof orders;
