import { visionErrors } from '../errors.ts';
import { findLanguageData } from '../models/language-data.ts';

/** Languages whose letters the text model knows. `unk` asks the service to find out. */
const READABLE = new Set(['unk', 'en', 'fr', 'de', 'es', 'it', 'nl', 'pt', 'da', 'fi', 'nb', 'no', 'sv']);

export function requireReadableLanguage(language: string): string {
  const wanted = language.toLowerCase();
  const known = READABLE.has(wanted) || findLanguageData().some(({ tag }) => tag === wanted);
  if (!known) throw visionErrors.notSupportedLanguage();
  return language;
}
