/** What a person chose and finds again next time, where the browser may keep it. */
export function stored<T extends string>(key: string, choices: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(key);
    return choices.find((choice) => choice === value) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Where storing is forbidden the choice lasts for this visit.
  }
}
