import { Command, InvalidArgumentError, Option } from 'commander';

/** Flags of the engine's own process. */
interface EngineFlags {
  port: number;
  host: string;
  data: string | undefined;
  workers: number;
  limitedAccess: boolean;
  trustImageHosts: string[];
  key: string | undefined;
  callsPerSecond: number | undefined;
  trainingMs: number;
  ocrThorough: boolean;
  maxDecodeBytes: number;
  readResultSeconds: number;
}

/** @param argv what follows the script's name; a wrong flag ends the process with a sentence, as does --help */
export function parseFlags(argv: readonly string[]): EngineFlags {
  const command = new Command('vision-engine')
    .description('Answers like Computer Vision 3.2 and Face 1.0, on models that run on this machine.')
    .option('--port <number>', 'port to listen on; 0 takes a free one', wholeNumber(0, 65_535), 0)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <folder>', 'folder for face lists, face ids and read results; in memory when left out')
    .option('--workers <number>', 'worker threads that run models, about 0.6 GB each', wholeNumber(1, 64), 1)
    .addOption(
      new Option('--limited-access <state>', 'whether the account is approved for face recognition')
        .choices(['on', 'off'])
        .default('on'),
    )
    .option('--trust-image-hosts <hosts>', 'hosts, by commas, from which image URLs are fetched', toHosts, [])
    .option('--key <key>', 'key that every call must bring; any is accepted when left out')
    .option('--calls-per-second <number>', 'answers 429 beyond this, per service', wholeNumber(1, 100_000))
    .option(
      '--training-ms <number>',
      'how long training a LargeFaceList takes',
      wholeNumber(0, 3_600_000),
      1000,
    )
    .addOption(
      new Option('--max-decode-bytes <number>', 'memory spent on decoding images at most')
        .env('MAX_DECODE_BYTES')
        .argParser(wholeNumber(10_000_000, 1_000_000_000_000))
        .default(1_000_000_000),
    )
    .addOption(
      // The pipeline asks within seconds. Shorter than an erasure takes to settle, after which it says that texts are gone.
      new Option(
        '--read-result-seconds <number>',
        'how long the text that was read is kept for those who ask',
      )
        .env('READ_RESULT_SECONDS')
        .argParser(wholeNumber(1, 172_800))
        .default(600),
    )
    .addOption(
      new Option('--ocr-thorough [state]', 'reads small print on photographs, too, for twice the time')
        .env('OCR_THOROUGH')
        .argParser(onOrOff)
        .preset('true')
        .default(false),
    );
  command.parse([...argv], { from: 'user' });
  const flags = command.opts<Omit<EngineFlags, 'limitedAccess'> & { limitedAccess: 'on' | 'off' }>();
  return { ...flags, limitedAccess: flags.limitedAccess === 'on' };
}

const wholeNumber = (min: number, max: number) => (value: string) => {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max)
    throw new InvalidArgumentError(`A whole number from ${min} to ${max} is expected.`);
  return number;
};

/** As app settings are written. */
const onOrOff = (value: string): boolean => {
  if (/^(true|on|1)$/i.test(value)) return true;
  if (/^(false|off|0|)$/i.test(value)) return false;
  throw new InvalidArgumentError('"true" or "false" is expected.');
};

const toHosts = (value: string): string[] =>
  value
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
