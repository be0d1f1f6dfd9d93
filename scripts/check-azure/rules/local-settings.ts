import type { Rule } from '../finding.ts';
import { shown } from './support.ts';

const FILE = 'local.settings.json.example';

/** Read by the Functions Core Tools on a developer's machine, never by the app. */
const toolSettings = ['FUNCTIONS_WORKER_RUNTIME'];

interface LocalSettings {
  readonly _comments?: Readonly<Record<string, unknown>>;
  readonly IsEncrypted?: unknown;
  readonly Values?: Readonly<Record<string, unknown>>;
}

export const localSettings: Rule = {
  id: 'local-settings',
  why: 'It is where a developer looks up what can be set, and copying it must give an app that starts.',
  *check({ localSettings: content, code }) {
    const { _comments: comments = {}, IsEncrypted, Values = {} } = (content ?? {}) as LocalSettings;
    const known = [...code.settingNames, ...toolSettings];
    if (IsEncrypted !== false)
      yield {
        path: `${FILE} IsEncrypted`,
        problem: `is ${shown(IsEncrypted)}`,
        remedy: 'Write false: the values are plain.',
      };
    for (const name of code.settingNames)
      if (String(comments[name] ?? '').length < 10)
        yield {
          path: `${FILE} _comments.${name}`,
          problem: 'the setting is not explained',
          remedy: 'Say what it does, in which unit, and what absence means.',
        };
    for (const [where, names] of [
      ['_comments', Object.keys(comments).filter((name) => name !== '')],
      ['Values', Object.keys(Values)],
    ] as const)
      for (const name of names)
        if (!known.includes(name))
          yield {
            path: `${FILE} ${where}.${name}`,
            problem: 'is a setting that nothing reads',
            remedy: 'Correct the spelling, or take it out.',
          };
    for (const [name, value] of Object.entries(Values))
      if (typeof value !== 'string')
        yield {
          path: `${FILE} Values.${name}`,
          problem: `is ${shown(value)}`,
          remedy: 'Write it as a text: the Core Tools take nothing else.',
        };
    try {
      code.readSettings(Values as Record<string, string>);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      yield {
        path: `${FILE} Values`,
        problem: error.message,
        remedy: 'Give values with which the app starts.',
      };
    }
  },
};
