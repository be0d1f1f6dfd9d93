import { ComputerVisionClient } from '@azure/cognitiveservices-computervision';
import { FaceClient } from '@azure/cognitiveservices-face';
import { ApiKeyCredentials, type RestError } from '@azure/ms-rest-js';

/** Both SDKs as they come, but for their retries, which would take two minutes over a dead call. */
export function createClients(endpoint: string, key = 'any') {
  const credentials = new ApiKeyCredentials({ inHeader: { 'Ocp-Apim-Subscription-Key': key } });
  const options = { noRetryPolicy: true };
  return {
    vision: new ComputerVisionClient(credentials, endpoint, options),
    face: new FaceClient(credentials, endpoint, options),
  };
}

interface Refusal {
  status: number | undefined;
  code: string | undefined;
  message: string;
  body: unknown;
}

/** The error a call is answered with, as the SDK hands it over; a call that succeeds fails the test. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.then(
    () => {
      throw new Error('The call succeeded, a refusal was expected.');
    },
    (thrown: unknown) => thrown as RestError,
  );
  if (error.statusCode === undefined) throw error;
  return { status: error.statusCode, code: error.code, message: error.message, body: error.body };
}
