import { ok, type Route } from './http/router.ts';
import { findLanguageData } from './models/language-data.ts';

/** What the engine reads on this machine: no part of the services, which have no such question. */
export function scriptRoutes(): Route[] {
  return [{ method: 'GET', path: '/engine/scripts', handle: () => ok({ scripts: readableScripts() }) }];
}

/** Scripts, the languages of each (BCP 47) and what reads them. */
export function readableScripts(env: NodeJS.ProcessEnv = process.env) {
  const groups = Map.groupBy(findLanguageData(env), ({ script }) => script);
  return [
    {
      script: 'Latin',
      languages: ['en', 'fr', 'de', 'es', 'it', 'nl', 'pt', 'sv'],
      by: 'PP-OCRv4, accents beyond French poorly',
    },
    { script: 'Han', languages: ['zh'], by: 'PP-OCRv4' },
    ...[...groups].map(([script, data]) => ({
      script: script as string,
      languages: data.map(({ tag }) => tag),
      by: `Tesseract, data in ${data.some(({ gzip }) => gzip) ? 'node_modules' : 'the system'}`,
    })),
  ];
}
