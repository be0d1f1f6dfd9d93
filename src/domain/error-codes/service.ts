import { code, RERUN_FAILED } from './code.ts';

/** What services answer, ours and others, and what they ask for. */
export const serviceCodes = {
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
};
