/** Characters that what is said of an enquiry may have: its columns hold no more. */
export const ENQUIRY_LIMITS = { caseReference: 200, relation: 100, owner: 256, office: 200 } as const;
