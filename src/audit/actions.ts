/** What can stand in the audit trail, and what it says that somebody did. Names are stable; new ones are added here. */
export const AUDIT_ACTIONS = {
  'face.searched': 'searched the enrolled faces by a photograph',
  'face.matches.read': 'looked up the possible matches of a face or image',
  'match.decided': 'decided about a possible match',
  'original.downloaded': 'downloaded an original file',
  'results.read': 'listed results at the command line',
  'results.queried': 'asked the results in SQL',
  'results.exported': 'exported results',
  'deadletter.replayed': 'put a dead letter back to work',
  'deadletter.dropped': 'dropped a dead letter',
  'image.rerun': 'had steps run again',
  'enquiry.opened': 'opened an enquiry',
  'enquiry.changed': 'changed what is said of an enquiry',
  'enquiry.noted': 'added a note to an enquiry',
  'enquiry.photograph.added': 'added a photograph to an enquiry',
  'enquiry.face.chosen': 'said whether a face of an enquiry is who is sought',
  'enquiry.ended': 'ended an enquiry',
  'enquiry.reopened': 'reopened an enquiry',
  'candidate.read': 'looked at a candidate of an enquiry',
  'candidate.decided': 'said a word about a candidate',
  'candidate.undone': 'took a word about a candidate back',
  'alert.sent.again': 'had an alert sent again',
  'batch.changed': 'changed the settings of a batch',
  'data.erased': 'erased data',
  'instance.cleared': 'removed everything of the instance',
} as const satisfies Record<string, string>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
