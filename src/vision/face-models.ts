/** The models that the whole app uses: ids, lists and thresholds of different models do not go together. */
export const DETECTION_MODEL = 'detection_03' as const;
export const RECOGNITION_MODEL = 'recognition_04' as const;
