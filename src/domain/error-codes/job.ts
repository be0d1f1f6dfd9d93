import { code, REPLAY, RERUN_FAILED } from './code.ts';

/** Of jobs and their messages, and of what the pipeline itself stands on. */
export const jobCodes = {
  StorageUnavailable: code(
    'outage',
    'The storage account did not answer, or is asking for fewer calls.',
    'Wait: it is tried again. If it lasts, look at the storage account, and at its roles for the app.',
  ),
  StorageUnexpectedAnswer: code(
    'outage',
    'Something that is not the storage account answered in its place.',
    'Look for a proxy between the app and the storage account; the message waits.',
  ),
  HostStopping: code(
    'outage',
    'The Functions host stopped while the step was at work.',
    'Nothing to do: another host takes the work up.',
  ),
  RenditionMissing: code(
    'permanent',
    'The working rendition of the image is missing, and could not be made again from the original.',
    'Upload the image again.',
  ),
  UnexpectedError: code(
    'transient',
    'An error that nobody foresaw: only its kind is kept.',
    `Look for the job in the log of the invocation, correct the cause, ${RERUN_FAILED}.`,
  ),
  ResultStoreUnavailable: code(
    'outage',
    'The database cannot be reached, or is locked.',
    'Bring the database back, or correct the SQL settings: the messages wait as long as it takes.',
  ),
  ResultRefused: code(
    'outage',
    'The result tables cannot hold the id or the batch of this image.',
    'Submit the image again under shorter names; the message waits.',
  ),

  NeedMissing: code(
    'skipped',
    'A step whose output this one needs has none.',
    'See the error of that step: running it again runs this one, too.',
  ),
  NotReached: code('skipped', 'The job ended without reaching the step.', 'Rerun the step.'),
  ProcessDied: code(
    'dead',
    'Every process that worked on the message died, or threw what nobody foresaw.',
    'Look at the image and in the logs. Once the cause is gone, run "imaginem poison replay <id>".',
  ),
  ContractError: code('dead', 'The message does not follow the contract.', `${REPLAY}.`),
  NotJson: code('dead', 'The queue message is not JSON, plain or base64.', `${REPLAY}.`),
  NotAnEvent: code(
    'dead',
    'The message is not an Event Grid event about a blob.',
    `${REPLAY}; an image that has no job gets an event by itself.`,
  ),
  BatchReserved: code(
    'dead',
    'A message put an image into a batch that belongs to an enquiry.',
    'Give it another batch: "imaginem poison replay <id> --set job_definition.batch_id=<batch>", or add the photograph to the enquiry.',
  ),
  BadPipeline: code(
    'dead',
    'A pipeline has an unknown step, or its steps in an impossible order.',
    `${REPLAY}. Where the row is rejected for what it was submitted with, there is no message to replay: once the app that runs has the step (restart it where that was built since), run "imaginem rerun --all --image <id>"; else submit the file again with --pipeline.`,
  ),
  WrongQueue: code('dead', 'The message is in the queue of another step than it says.', `${REPLAY}.`),
  OtherPipeline: code(
    'dead',
    'The message names another pipeline than its job has.',
    'Run "imaginem poison replay <id>": a replay opens a new run, which may have another pipeline.',
  ),
  OtherImage: code(
    'dead',
    'The job id belongs to another image.',
    'Give the message an id of its own: "imaginem poison replay <id> --set job_definition.id=<new id>".',
  ),
  JobIdTaken: code(
    'dead',
    'The job id is in use in another batch.',
    'Give the message an id of its own: "imaginem poison replay <id> --set job_definition.id=<new id>".',
  ),
  FileRenamed: code(
    'warning',
    'The name of the file is not UTF-8, as names of old archives and disks: it is stored under the nearest name that is.',
    'Nothing to do; the warning has its own name, byte by byte.',
  ),
  OutputLost: code(
    'warning',
    'What a step put out was stored apart in the container largemessages, and is no longer there.',
    'Run "imaginem rerun --step <step> --all --image <id>": it is made again from the image.',
  ),
  LinkedContentMissing: code(
    'permanent',
    'linked_content names a blob that is not in the container largemessages.',
    'Restore the blob, or rerun the step that made it.',
  ),
  MessageTooLarge: code(
    'permanent',
    'The message has more parts than a queue message can hold.',
    'Send fewer fields of your own with it.',
  ),
};
