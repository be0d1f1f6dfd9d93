/** The oldest major version of Node that has what the app stands on: `Map.groupBy`, `node:sqlite`. */
export const LEAST_NODE = 22;

/** What is wrong with a version of Node such as `20.20.2`, in a sentence, or undefined where nothing is. */
export function runtimeFault(version: string): string | undefined {
  if (Number.parseInt(version, 10) >= LEAST_NODE) return undefined;
  return `Node ${version} is too old: the app needs Node ${LEAST_NODE} or newer. Set the function app's runtime version (the template's parameter nodeVersion) to 24.`;
}
