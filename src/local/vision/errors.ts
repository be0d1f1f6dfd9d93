/**
 * Every error the engine answers with: status, code and wording of Computer Vision 3.2 ("Error codes" of "Call the
 * Analyze Image API") and of Face 1.0 ("Azure AI Face API error codes"), so that a client cannot tell the engine from
 * the services by their errors.
 */

export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly status: number;
  readonly body: { error: ErrorBody };
  readonly headers: Record<string, string>;

  constructor(status: number, error: ErrorBody, headers: Record<string, string> = {}) {
    super(error.innererror?.message ?? error.message);
    this.status = status;
    this.body = { error };
    this.headers = headers;
  }
}

interface ErrorBody {
  code: string;
  message: string;
  innererror?: { code: string; message: string };
}

/** Errors of the gateway in front of both services. */
export const gatewayErrors = {
  accessDenied: () =>
    new ServiceError(401, {
      code: '401',
      message:
        'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
    }),
  resourceNotFound: () => new ServiceError(404, { code: '404', message: 'Resource not found' }),
  rateLimited: (seconds: number) =>
    new ServiceError(
      429,
      { code: '429', message: `Rate limit is exceeded. Try again in ${seconds} seconds.` },
      { 'retry-after': String(seconds) },
    ),
};

const badVisionRequest = (code: string, message: string) =>
  new ServiceError(400, { code: 'InvalidRequest', message, innererror: { code, message } });

export const visionErrors = {
  invalidImageUrl: () =>
    badVisionRequest('InvalidImageUrl', 'Image URL is badly formatted or not accessible.'),
  invalidImageFormat: () => badVisionRequest('InvalidImageFormat', 'Input data is not a valid image.'),
  imageTooLarge: () => badVisionRequest('InvalidImageSize', 'Input image is too large.'),
  imageTooSmall: () =>
    badVisionRequest('InvalidImageSize', 'Input image must be larger than 50 x 50 pixels.'),
  notSupportedVisualFeature: (names: string) =>
    badVisionRequest('NotSupportedVisualFeature', `Specified feature type is not valid: ${names}.`),
  invalidDetails: (names: string) =>
    badVisionRequest('InvalidDetails', `Unsupported details parameter value: ${names}.`),
  notSupportedLanguage: () =>
    badVisionRequest(
      'NotSupportedLanguage',
      'The requested operation is not supported in the language specified.',
    ),
  badArgument: (message: string) => badVisionRequest('BadArgument', message),
  unsupportedMediaType: () =>
    new ServiceError(415, {
      code: 'InvalidRequest',
      message: 'Unsupported media type.',
      innererror: {
        code: 'UnsupportedMediaType',
        message:
          'The Content-Type must be application/json, application/octet-stream or multipart/form-data.',
      },
    }),
  operationNotFound: () =>
    new ServiceError(404, {
      code: 'InvalidRequest',
      message: 'The operation does not exist.',
      innererror: {
        code: 'OperationNotFound',
        message: 'The operation does not exist or its result has expired.',
      },
    }),
};

const badArgument = (message: string) => new ServiceError(400, { code: 'BadArgument', message });
const invalidImage = (message: string) => new ServiceError(400, { code: 'InvalidImage', message });
const notFound = (code: string, message: string) => new ServiceError(404, { code, message });
const badRequest = (code: string, message: string) => new ServiceError(400, { code, message });
const conflict = (code: string, message: string) => new ServiceError(409, { code, message });
const quotaExceeded = (message: string) => new ServiceError(403, { code: 'QuotaExceeded', message });

export const faceErrors = {
  badArgument,
  bodyInvalid: () => badArgument('Request body is invalid.'),
  jsonInvalid: () => badArgument('JSON parsing error.'),
  recognitionModelInvalid: () => badArgument("'recognitionModel' is invalid."),
  recognitionModelIncompatible: () => badArgument("'recognitionModel' is incompatible."),
  detectionModelInvalid: () => badArgument("'detectionModel' is invalid."),
  attributesInvalid: () => badArgument('Invalid argument returnFaceAttributes.'),
  targetFaceInvalid: () => badArgument('Invalid argument targetFace.'),
  targetFaceOutOfRange: () => badArgument('Argument targetFace out of range.'),
  invalidUrl: () => badRequest('InvalidURL', 'Invalid image URL.'),
  imageUndecodable: () => invalidImage('Decoding error, image format unsupported.'),
  noFace: () => invalidImage('No face detected in the image.'),
  manyFaces: () => invalidImage('There is more than 1 face in the image.'),
  imageTooSmall: () => badRequest('InvalidImageSize', 'Image size is too small.'),
  imageTooLarge: () => badRequest('InvalidImageSize', 'Image size is too big.'),
  unsupportedMediaType: () =>
    new ServiceError(415, { code: 'UnsupportedMediaType', message: 'Unsupported media type.' }),

  /** What an account without Limited Access approval is told (seen by users, not in the published table). */
  missingApproval: () =>
    new ServiceError(403, {
      code: 'InvalidRequest',
      message: 'Invalid request has been sent.',
      innererror: {
        code: 'UnsupportedFeature',
        message:
          'Feature is not supported, missing approval for one or more of the following features: Identification,Verification. Please apply for access at https://aka.ms/facerecognition',
      },
    }),
  retiredAttributes: () =>
    new ServiceError(403, {
      code: 'UnsupportedFeature',
      message:
        'Return Attributes (emotion, gender, age, smile, facial hair, hair and makeup) have been deprecated and are no longer supported.',
    }),

  /** 404 in verify, 400 everywhere else. */
  faceNotFound: (status: 400 | 404 = 400) =>
    new ServiceError(status, { code: 'FaceNotFound', message: 'Face is not found.' }),
  persistedFaceNotFound: () => notFound('PersistedFaceNotFound', 'Persisted face is not found.'),
  persistedFaceQuota: () => quotaExceeded('Persisted face number reached limit.'),
};

/** The errors whose code and wording name the kind of list. */
export interface ListErrors {
  idInvalid(): ServiceError;
  /** 404 under the list's own path, 400 in find similar. */
  notFound(status?: 400 | 404): ServiceError;
  exists(): ServiceError;
  listQuota(): ServiceError;
}

const listErrors = (code: string, name: string): ListErrors => ({
  idInvalid: () => badArgument(`${name} ID is invalid.`),
  notFound: (status = 404) =>
    new ServiceError(status, { code: `${code}NotFound`, message: `${name} is not found.` }),
  exists: () => conflict(`${code}Exists`, `${name} already exists.`),
  listQuota: () => quotaExceeded(`${name} number reached limit.`),
});

export const faceListErrors = {
  ...listErrors('FaceList', 'Face list'),
  notReady: () => badRequest('FaceListNotReady', 'Face list is empty.'),
};

export const largeFaceListErrors = {
  ...listErrors('LargeFaceList', 'Large face list'),
  /** 404 when its training is asked for, 400 when it is searched. */
  notTrained: (status: 400 | 404) =>
    new ServiceError(status, { code: 'LargeFaceListNotTrained', message: 'Large face list is not trained.' }),
  underTraining: () => conflict('LargeFaceListTrainingNotFinished', 'Large face list is under training.'),
};
