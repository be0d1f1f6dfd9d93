/**
 * Every stable error code, what it means and what would fix it: the one place that `imaginem why` and
 * `docs/errors.md` share. A code is never renamed: dashboards and people filter by it.
 */
export interface ErrorCode {
  /** What the pipeline does about it: see `errors.ts`. */
  kind: keyof typeof KINDS;
  meaning: string;
  /** What a person can do. */
  advice: string;
}

/** What the pipeline does by itself, by kind. */
export const KINDS = {
  permanent: 'recorded as failed at once; the job moves on',
  rejected: 'the image ends as a row of status rejected',
  ended: 'the image ends as a row of status superseded or gone',
  unavailable: 'recorded as unavailable, which is no failure; the job moves on',
  throttled: 'put back for as long as was asked; not an attempt',
  outage:
    'put back with growing delay for up to OUTAGE_LIMIT hours; not an attempt. Rows that wait for the database wait without limit',
  transient: 'tried again with back-off up to MAX_ATTEMPTS, then recorded as failed; the job moves on',
  skipped: 'the step did not run; the job moves on',
  dead: 'the message is kept as a dead letter',
  telling:
    'the event is sent again with growing delay for about three days, then it is a dead letter of the outbox',
  warning: 'the image counts as done; its row says so in warnings',
} as const;

const RERUN_FAILED = 'then run "imaginem rerun --step <step> --failed"';
const NEW_UPLOAD = 'The new upload is a job of its own.';
const REPLAY = 'Correct it with "imaginem poison replay <id> --edit" (or --set), or drop it';

const code = (kind: ErrorCode['kind'], meaning: string, advice: string): ErrorCode => ({
  kind,
  meaning,
  advice,
});

export const errorCodes: Readonly<Record<string, ErrorCode>> = {
  EmptyImage: code('rejected', 'The file has no bytes.', `Upload it again. ${NEW_UPLOAD}`),
  NotAnImage: code(
    'rejected',
    'The bytes are not those of an image, whatever the name says.',
    `Upload the image itself. ${NEW_UPLOAD}`,
  ),
  UnsupportedImageFormat: code(
    'rejected',
    'An image in a format, or of a kind of its format, that is not read; the file itself may be sound.',
    `Save it as JPEG, PNG, GIF, BMP, WebP or TIFF and upload that. ${NEW_UPLOAD}`,
  ),
  BrokenImage: code(
    'rejected',
    'The image is truncated or corrupt: there is nothing of it to see.',
    `Upload the original file again. ${NEW_UPLOAD}`,
  ),
  ImageTooManyBytes: code(
    'rejected',
    'The file is larger than MAX_IMAGE_BYTES.',
    'Upload a smaller one, or raise MAX_IMAGE_BYTES and run "imaginem rerun --all --image <id>".',
  ),
  ImageTooManyPixels: code(
    'rejected',
    'The image has more pixels than MAX_IMAGE_PIXELS.',
    'Upload a smaller one, or raise MAX_IMAGE_PIXELS and run "imaginem rerun --all --image <id>".',
  ),
  ImageNeedsTooMuchMemory: code(
    'rejected',
    'Decoding the image would take more memory than MAX_DECODE_BYTES: it is large and interlaced, progressive or of many bits.',
    'Save it smaller, or as a baseline JPEG, and upload that; or raise MAX_DECODE_BYTES and run "imaginem rerun --all --image <id>".',
  ),
  ImageTooManyScans: code(
    'rejected',
    'The JPEG passes over its picture more often than any program for photographs writes it.',
    `Save it as a baseline JPEG and upload that. ${NEW_UPLOAD}`,
  ),
  ImageTooMuchMetadata: code(
    'rejected',
    'The image carries compressed texts that unpack to more than an image needs.',
    `Save it without metadata and upload that. ${NEW_UPLOAD}`,
  ),
  ImageTooManyPages: code(
    'rejected',
    'The image has more frames or pages than are read.',
    `Save the page that matters on its own and upload that. ${NEW_UPLOAD}`,
  ),
  ImageTooSlow: code(
    'rejected',
    'Decoding the image took too long.',
    `Save it anew as a baseline JPEG and upload that. ${NEW_UPLOAD}`,
  ),
  ImageNotRenderable: code(
    'rejected',
    'The image could not be made small enough for the vision services.',
    `Save it smaller and upload that. ${NEW_UPLOAD}`,
  ),
  ImageDamaged: code(
    'warning',
    'The file ends early or has errors in it: what could be decoded was looked at.',
    `Upload the original file again, if there is one. ${NEW_UPLOAD}`,
  ),
  PagesNotRead: code(
    'warning',
    'The file has more pages than were looked at, or some of a kind that is not read.',
    'Save the others as files of their own and upload them, if they matter.',
  ),
  FramesNotRead: code(
    'warning',
    'An animation: one frame of it was looked at, the first that is not blank.',
    'Save the frame that matters as an image of its own and upload that.',
  ),
  RawPreviewUsed: code(
    'warning',
    "A camera raw file: its largest preview was looked at, for what the camera's sensor saw is not read.",
    "Develop it with the camera's program, save it as JPEG and upload that, if small faces matter.",
  ),
  ScriptNotRead: code(
    'warning',
    'Text in a script that the vision engine of this machine does not read was found and left out.',
    'Install the data of its language for Tesseract (on Debian tesseract-ocr-rus, -ukr, -ell, -amh ...; "imaginem doctor" lists what is read) and run "imaginem rerun --step ocr --all --image <id>".',
  ),
  ImageSmall: code(
    'warning',
    'The picture is smaller than the vision services look into: it was put on a larger white ground.',
    'Upload a larger version, if there is one.',
  ),
  FacesBeyondLimit: code(
    'warning',
    'A hundred faces were found, the most that the Face service names of one picture: the largest. There may be more.',
    'Cut the picture into parts and upload those, if the smaller faces matter.',
  ),
  NoImage: code(
    'permanent',
    'A step asked for the image of a job that has none.',
    'Run "imaginem rerun --all --image <id>": it is looked at again.',
  ),
  ImageGone: code(
    'ended',
    'The image was deleted from its container.',
    'Nothing to do; upload it again if it was deleted by mistake.',
  ),
  ImageSuperseded: code(
    'ended',
    'The image was overwritten by a newer version.',
    'Nothing to do: the newer version has a job of its own.',
  ),

  ForeignImageRefused: code(
    'dead',
    'image_url names a host, or an address, from which no image may be fetched.',
    'Upload the image itself, or add its host to ALLOWED_IMAGE_HOSTS and run "imaginem poison replay <id>".',
  ),
  ForeignImageNotFound: code(
    'ended',
    'There is no image at image_url.',
    'Correct the address, or upload the image itself.',
  ),
  ForeignImageRejected: code('ended', 'The host did not give the image out.', 'Upload the image itself.'),
  ForeignImageTooLarge: code(
    'ended',
    'The image at image_url is larger than MAX_IMAGE_BYTES.',
    'Upload a smaller one, or raise MAX_IMAGE_BYTES.',
  ),
  ForeignImageEncoded: code(
    'ended',
    'The host sends the image compressed though it was asked not to.',
    'Upload the image itself.',
  ),
  ForeignImageUntrusted: code(
    'ended',
    'The certificate of the host cannot be trusted.',
    'Upload the image itself.',
  ),
  ForeignImageUnavailable: code(
    'outage',
    'The host of image_url cannot answer now.',
    'Wait, or upload the image itself.',
  ),
  ForeignImageRateLimited: code(
    'throttled',
    'The host of image_url asks for fewer calls.',
    'Nothing to do: it is tried again.',
  ),

  InvalidFaceRectangle: code(
    'permanent',
    'A face rectangle has no sense.',
    'Run "imaginem rerun --step facedetection --all --image <id>".',
  ),
  FaceOutsideImage: code(
    'permanent',
    'A face rectangle lies outside of the image: it was made for another one.',
    'Run "imaginem rerun --step facedetection --all --image <id>".',
  ),
  CustomVisionNotConfigured: code(
    'unavailable',
    'The step customvision has no model: CUSTOM_VISION_MODEL or CUSTOM_VISION_LABELS is not set.',
    'Set both and run "imaginem rerun --step customvision --missing", or take customvision out of PIPELINE_DEFINITION.',
  ),
  OnnxRuntimeMissing: code(
    'unavailable',
    'The ONNX runtime is not installed where the app runs: the deployed package leaves it out.',
    'Make the package with --with onnxruntime-node (docs/deploy.md), deploy it, and run "imaginem rerun --step customvision --missing".',
  ),
  ModelMissing: code(
    'permanent',
    'There is no file of the name that CUSTOM_VISION_MODEL gives.',
    'Correct the setting or deploy the file, then run "imaginem rerun --step customvision --failed".',
  ),
  LabelsMissing: code(
    'permanent',
    'There is no file of the name that CUSTOM_VISION_LABELS gives.',
    'Correct the setting or deploy the file, then run "imaginem rerun --step customvision --failed".',
  ),
  ModelUnusable: code(
    'permanent',
    'The model of CUSTOM_VISION_MODEL is not an image classifier that can be run, or its labels are of another model.',
    'Correct the settings, then run "imaginem rerun --step customvision --failed".',
  ),
  LimitedAccessRequired: code(
    'unavailable',
    'The Face account has no Limited Access approval for recognition, or FACE_LIMITED_ACCESS is off.',
    'Apply at https://aka.ms/facerecognition; once approved, set FACE_LIMITED_ACCESS to on and run "imaginem rerun --step faceprint --missing".',
  ),
  FaceRecognitionOff: code(
    'unavailable',
    'FACE_RECOGNITION is off: no faceprints are made and no faces compared.',
    'Nothing to do. To compare faces after all, set FACE_RECOGNITION to on and run "imaginem rerun --step faceprint --missing".',
  ),
  DoNotMatch: code(
    'unavailable',
    'The batch says that its photographs may not be matched.',
    'Nothing to do. If that has changed, run "imaginem batch set <batch> --match" and then "imaginem rerun --step faceprint --missing --batch <batch>".',
  ),
  RateLimited: code(
    'throttled',
    'A vision service, or our own rate governor, asks for fewer calls.',
    'Nothing to do: it is tried again. If it lasts, raise the tier, or set the CALLS_PER_SECOND settings to what the account allows.',
  ),
  DecodingBusy: code(
    'throttled',
    'Other images are being decoded in this process, and together they take the memory of MAX_DECODE_BYTES.',
    'Nothing to do: it is tried again.',
  ),
  FaceListBusy: code(
    'throttled',
    'A face list is being changed by another call.',
    'Nothing to do: it is tried again.',
  ),
  FaceListsFull: code(
    'throttled',
    'Every face list is full until older faces have moved on.',
    'Nothing to do: it is tried again. If it lasts, check that the function facelists runs.',
  ),
  ServiceUnavailable: code(
    'outage',
    'A service says that it is down, or is too slow to answer.',
    `Wait: it is tried again. If it was given up, ${RERUN_FAILED} once the service is back.`,
  ),
  ServiceFailing: code(
    'outage',
    'A service fails alike for different images, so that it is the service and none of them: they wait, and one at a time is let through to see.',
    `Nothing to do where it is short: health and the page say which service and since when. If it was given up, ${RERUN_FAILED} once the service is back.`,
  ),
  VisionUnreachable: code(
    'outage',
    'The vision service cannot be reached.',
    'Check COMPUTER_VISION_ENDPOINT and FACE_ENDPOINT, the network rules, and that the service (locally: the vision engine) is up.',
  ),
  VisionTimeout: code(
    'outage',
    'The vision service did not answer in time.',
    'Nothing to do: it is tried again.',
  ),
  VisionAccessDenied: code(
    'outage',
    'The vision service refused our sign-in.',
    "Check the key, or give the app's identity the role Cognitive Services User.",
  ),
  VisionNotFound: code(
    'outage',
    'The vision service has no such call at its address.',
    'Check COMPUTER_VISION_ENDPOINT and FACE_ENDPOINT.',
  ),
  VisionQuotaExceeded: code(
    'outage',
    'The quota of the vision account is used up.',
    'Raise the tier, or wait for the next period.',
  ),
  VisionConnectionLost: code(
    'transient',
    'The connection broke while the image was being worked on.',
    `If it was given up, look at the image and the service, ${RERUN_FAILED}.`,
  ),
  VisionUnexpectedAnswer: code(
    'transient',
    'The vision service answered with something undocumented.',
    `Check that the endpoint is the service itself and no gateway's error page, ${RERUN_FAILED}.`,
  ),
  VisionInternalError: code(
    'transient',
    'The vision service failed inside (HTTP 500).',
    `Often this very image: look at it. Else wait, ${RERUN_FAILED}.`,
  ),
  VisionCallFailed: code(
    'transient',
    'A call failed in a way that nobody foresaw.',
    `Look in the log of the invocation, ${RERUN_FAILED}.`,
  ),
  ReadFailed: code(
    'transient',
    'Computer Vision could not read the text of the image.',
    `Look at the image, ${RERUN_FAILED}.`,
  ),
  ReadTimeout: code('transient', 'Computer Vision did not finish reading in time.', `Wait, ${RERUN_FAILED}.`),
  FaceIdExpired: code(
    'transient',
    'The Face service has forgotten the face id.',
    'Run "imaginem rerun --step facedetection --all --image <id>".',
  ),
  EnrolmentLost: code(
    'transient',
    'Another delivery claimed or removed the face meanwhile.',
    'Nothing to do: it is tried again.',
  ),
  EnrolmentTooSlow: code(
    'transient',
    'Enrolling the face stood still for too long.',
    'Nothing to do: it is tried again.',
  ),
  QuotaExceeded: code(
    'transient',
    'The Face account can hold no more lists or faces.',
    `Raise the tier, or remove lists of other environments, ${RERUN_FAILED}.`,
  ),
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
  BadPipeline: code(
    'dead',
    'A pipeline has an unknown step, or its steps in an impossible order.',
    `${REPLAY}. If the blob's metadata ask for it (a rejected row), upload the image again with other metadata.`,
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
  BatchReserved: code(
    'dead',
    'A message put an image into a batch that belongs to an enquiry.',
    'Give it another batch: "imaginem poison replay <id> --set job_definition.batch_id=<batch>", or add the photograph to the enquiry.',
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
  WebhookUnavailable: code(
    'telling',
    'The receiver of the alerts cannot be reached, or did not answer within 15 seconds.',
    'Correct WEBHOOK_URL, or wait; "imaginem outbox again <id>" sends at once.',
  ),
  WebhookFailed: code(
    'telling',
    'The receiver of the alerts answered with an error, or with a redirect, which is not followed.',
    'Look into the log of the receiver; its address must be the last one, not one that leads on.',
  ),
  WebhookRateLimited: code(
    'telling',
    'The receiver of the alerts asks for fewer events.',
    'Nothing to do: they wait as long as it asks for.',
  ),
  WebhookRefused: code(
    'telling',
    'The host of WEBHOOK_URL has an address of a private network.',
    'Correct WEBHOOK_URL, or set WEBHOOK_PRIVATE_ADDRESSES to on where that is meant.',
  ),
  WebhookGone: code(
    'telling',
    'The receiver of the alerts says that it is gone for good (HTTP 410): the event is a dead letter at once.',
    'Correct WEBHOOK_URL, then run "imaginem outbox again --dead".',
  ),
  TopicRateLimited: code(
    'telling',
    'The Event Grid topic asks for fewer events.',
    'Nothing to do: they wait as long as it asks for.',
  ),
  TopicFailed: code(
    'telling',
    'The Event Grid topic cannot be reached, or did not take the event.',
    'The message says why; the app needs the role "EventGrid Data Sender" on the topic.',
  ),
};

const byService: ErrorCode = code(
  'permanent',
  'A code of the vision service: it refused the image or the request.',
  'The message says what it refuses. Upload another image, or correct the setting it names.',
);

/** What is known of a code; of a code that a service made up, what is true of all of those. */
export function explain(errorCode: string): ErrorCode {
  return Object.hasOwn(errorCodes, errorCode) ? (errorCodes[errorCode] as ErrorCode) : byService;
}

/** Markdown takes `<id>` for a tag and shows nothing of it. */
const written = (sentence: string) => sentence.replaceAll('<', '&lt;');

/** `docs/errors.md`: compared by a test. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([name, { kind, meaning, advice }]) =>
      `| \`${name}\` | ${kind} | ${written(meaning)} | ${written(advice)} |`,
  );
  return [
    '# Error codes',
    '',
    'Every failure carries one of these codes: in the journal, in a row, in a dead letter, in a log. `imaginem why <image>` shows',
    'the one that counts with its advice. Printed from `src/domain/error-codes.ts`, compared by a test.',
    '',
    '| Kind | What the pipeline does by itself |',
    '|---|---|',
    ...Object.entries(KINDS).map(([kind, does]) => `| ${kind} | ${does} |`),
    '',
    '| Code | Kind | Meaning | What to do |',
    '|---|---|---|---|',
    ...rows,
    '',
    `Any other code is the vision service's own (\`InvalidImageSize\`, say). ${byService.advice}`,
    '',
  ].join('\n');
}
