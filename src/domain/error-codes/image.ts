import { code, NEW_UPLOAD } from './code.ts';

/** What can be wrong with an image, our own or of another host, and what its row warns of. */
export const imageCodes = {
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
};
