/** The model that finds faces, for the whole app: its rectangles are those of all keys. */
export const DETECTION_MODEL = 'detection_03' as const;
