import { z } from 'zod';
import { faultInWords } from './fault-in-words.ts';
import { retryFaults, retrySettings } from './retry-policy.ts';
import { tellingFaults, tellingSettings } from './telling-settings.ts';

/** The default of `PIPELINE_DEFINITION`: the seven steps in their order. */
export const DEFAULT_PIPELINE =
  'generalclassification,ocr,facedetection,facecrop,faceprint,facematch,pipelineoutput';

const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim().toLowerCase())
      .filter((part) => part !== ''),
  );
/** One number for all channels, or three by commas. @returns always three */
const channels = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text) => text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part))))
    .refine((values) => [1, 3].includes(values.length) && values.every(Number.isFinite), {
      message: 'must be one number, or three separated by commas',
    })
    .transform((values) => (values.length === 1 ? [values[0], values[0], values[0]] : values) as number[]);
const MAX_DAYS = 36_500;
const days = z.coerce.number().int().min(1).max(MAX_DAYS).optional();
const daysByPrefix = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map((part) => {
        const at = part.lastIndexOf('=');
        return { prefix: part.slice(0, at).trim(), days: Number(part.slice(at + 1)) };
      }),
  )
  .refine(
    (rules) =>
      rules.every(
        ({ prefix, days: of }) => prefix !== '' && Number.isInteger(of) && of >= 1 && of <= MAX_DAYS,
      ),
    { message: `must be pairs such as camp-4=30, the days whole numbers from 1 to ${MAX_DAYS}` },
  );
const endpoint = z
  .url({ protocol: /^https?$/ })
  .refine((url) => new URL(url).pathname === '/', 'must have no path: the SDKs silently drop it')
  .optional();

/**
 * Every app setting the app reads, under its name in the environment. Nothing else in the app reads `process.env`.
 * Documented for people in `local.settings.json.example` and in the README's table.
 */
const schema = z.object({
  /** The steps of new images, comma separated, in order; must end in `pipelineoutput`. */
  PIPELINE_DEFINITION: z.string().default(DEFAULT_PIPELINE),

  /** Storage by connection string (local use) ... */
  AzureWebJobsStorage: z.string().optional(),
  /** ... or by identity: the account's name, or each service's address. */
  AzureWebJobsStorage__accountName: z.string().optional(),
  AzureWebJobsStorage__blobServiceUri: z.url().optional(),
  AzureWebJobsStorage__queueServiceUri: z.url().optional(),
  AzureWebJobsStorage__tableServiceUri: z.url().optional(),
  /** Client id of the user-assigned identity; the system-assigned one, or a developer's login, when absent. */
  AZURE_CLIENT_ID: z.string().optional(),

  /** Root address of Computer Vision (or of the local engine). */
  COMPUTER_VISION_ENDPOINT: endpoint,
  /** Its key; identity is used when absent. */
  COMPUTER_VISION_KEY: z.string().optional(),
  /** The account's calls per second over all app instances' processes: S1 allows 20. */
  COMPUTER_VISION_CALLS_PER_SECOND: z.coerce.number().positive().max(1000).default(20),
  /** Root address of Face (or of the local engine). */
  FACE_ENDPOINT: endpoint,
  FACE_KEY: z.string().optional(),
  /** S0 allows 10. */
  FACE_CALLS_PER_SECOND: z.coerce.number().positive().max(1000).default(10),
  /** `off`: the account has no Limited Access approval, so faceprint and facematch are `unavailable` without asking. */
  FACE_LIMITED_ACCESS: z.enum(['on', 'off']).default('on'),
  /** `off`: no faceprints are made and no faces compared, whatever the account may do. */
  FACE_RECOGNITION: z.enum(['on', 'off']).default('on'),
  /** Confidence from which two faces are shown as a possible match, 0 to 1. */
  FACE_MATCH_CONFIDENCE: z.coerce.number().min(0).max(1).default(0.5),
  /** Shorter side of a face, in pixels, below which it is neither enrolled nor searched. */
  FACE_MIN_SIZE: whole(60, 36, 4096),
  /** Fresh faces (found at once, no training) above which the oldest move to the trained LargeFaceList. */
  FACE_FRESH_LIMIT: whole(500, 0, 60_000),
  /** First part of the face lists' names: one per environment that shares a Face account. */
  FACE_LIST_PREFIX: z
    .string()
    .regex(/^[a-z0-9-_]{1,40}$/)
    .default('imaginem'),

  /** Results in SQL Server: a connection string ... */
  SQL_CONNECTION_STRING: z.string().optional(),
  /** ... or server and database, signed in by identity. */
  SQL_SERVER: z.string().optional(),
  SQL_DATABASE: z.string().optional(),
  /** Results in a SQLite file: what one machine uses when no SQL Server is set. */
  SQLITE_PATH: z.string().optional(),

  /** ONNX image classifier of the step `customvision`: a file, relative to the app's folder ... */
  CUSTOM_VISION_MODEL: z.string().optional(),
  /** ... and its labels, one a line, in the order of the model's output. */
  CUSTOM_VISION_LABELS: z.string().optional(),
  /** How many labels are reported, the most probable first. */
  CUSTOM_VISION_TOP: whole(3, 1, 1000),
  /** The model's input is (value - mean) / scale for values of 0 to 255: one number, or three by channel ... */
  CUSTOM_VISION_MEAN: channels('0'),
  CUSTOM_VISION_SCALE: channels('255').refine((values) => !values.includes(0), 'must not be 0'),
  /** ... in this order of channels. */
  CUSTOM_VISION_CHANNELS: z.enum(['RGB', 'BGR']).default('RGB'),

  /** Bits of 64 by which the perceptual hashes of two images may differ for `duplicates` to flag them. */
  DUPLICATE_DISTANCE: whole(10, 0, 10),

  /** Hosts, comma separated, from which a message may name an image by https URL; none by default. */
  ALLOWED_IMAGE_HOSTS: list,
  /** Largest image accepted, in bytes. */
  MAX_IMAGE_BYTES: whole(50_000_000, 1024, 500_000_000),
  /** Largest image accepted, in pixels once decoded. */
  MAX_IMAGE_PIXELS: whole(100_000_000, 2500, 1_000_000_000),
  /** Memory that a process spends on decoding images at most, in bytes: what needs more is refused, the rest waits its turn. */
  MAX_DECODE_BYTES: whole(1_000_000_000, 10_000_000, 1_000_000_000_000),

  /** Fields of the originals' EXIF that are stored with the row, comma separated: place and camera only where named. */
  KEEP_EXIF: list,

  ...retrySettings,

  /** `off`: one person's word makes a find. For those who have one person only. */
  SECOND_REVIEW: z.enum(['on', 'off']).default('on'),
  ...tellingSettings,

  /** Days after its admission at which an image is erased with everything made of it; kept until erased when absent ... */
  RETENTION_DAYS: days,
  /** ... of batches that begin so: `prefix=days`, comma separated; the longest prefix counts. */
  RETENTION_DAYS_BY_BATCH: daysByPrefix,
  /**
   * Days after which a face that matches nobody can no longer be found by others, nor by an enquiry that is opened later;
   * as long as its image when absent. Batches with `keepFaceprints` are left alone.
   */
  FACEPRINT_RETENTION_DAYS: days,

  /** Signs the head of the audit trail where it is noted in the log: 32 characters or more, known to no owner of the database. */
  AUDIT_SIGNING_KEY: z.string().min(32, 'must have 32 characters or more').optional(),
  /** Container for heads of the audit trail, a blob each: of use where an immutability policy keeps them. */
  AUDIT_HEADS_CONTAINER: z
    .string()
    .regex(/^[a-z0-9](-?[a-z0-9])+$/, 'must be the name of a container')
    .optional(),

  /** Where traces and figures go: Application Insights, by connection string; nowhere when absent. */
  APPLICATIONINSIGHTS_CONNECTION_STRING: z.string().optional(),
  /** `Authorization=AAD`: signed in by identity, for a resource that takes no key. */
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z.string().optional(),
  /** Share of images whose trace is kept, 0 to 1. */
  TRACE_RATIO: z.coerce.number().min(0).max(1).default(1),
});

/** What no single setting can be wrong about. */
const checked = schema.superRefine((settings, check) => {
  for (const { setting, fault } of [...retryFaults(settings), ...tellingFaults(settings)])
    check.addIssue({ code: 'custom', path: [setting], message: fault });
});

export type Settings = Readonly<z.infer<typeof schema>>;

/** One or more app settings are wrong: the message has one line for each, saying what to change. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/**
 * Reads and checks the app settings. An empty value counts as absent, as it does in the Azure portal.
 *
 * @throws {SettingsError} naming every wrong setting at once
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = checked.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    (issue) => `App setting ${issue.path.join('.')}: ${faultInWords(issue)}.`,
  );
  throw new SettingsError(lines.join('\n'));
}

/** The names of all settings, for the checks that compare code, template and documentation. */
export const settingNames: readonly string[] = Object.keys(schema.shape);
