import { visionErrors } from '../errors.ts';

/** Languages whose letters the text model knows. `unk` asks the service to find out; the engine does not guess. */
const READABLE = new Set(['unk', 'en', 'fr', 'de', 'es', 'it', 'nl', 'pt', 'da', 'fi', 'nb', 'no', 'sv']);

export function requireReadableLanguage(language: string): string {
  if (!READABLE.has(language.toLowerCase())) throw visionErrors.notSupportedLanguage();
  return language;
}
