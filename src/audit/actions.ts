/** What can stand in the audit trail, and what it says that somebody did. Names are stable; new ones are added here. */
export const AUDIT_ACTIONS = {
  'face.searched': 'searched the enrolled faces by a photograph',
  'face.matches.read': 'looked up the possible matches of a face or image',
  'match.decided': 'decided about a possible match',
  'decision.undone': 'took back a decision about faces or persons',
  'decisions.read': 'looked up decisions',
  'group.read': 'looked at a group of faces',
  'group.split': 'took faces out of a group',
  'person.made': 'made a person',
  'person.changed': 'changed what is known of a person',
  'person.merged': 'said that two persons are one',
  'person.read': 'looked at a person',
  'person.erased': 'erased a person',
  'original.downloaded': 'downloaded an original file',
  'results.read': 'listed results at the command line',
  'results.queried': 'asked the results in SQL',
  'results.exported': 'exported results',
  'deadletter.replayed': 'put a dead letter back to work',
  'deadletter.dropped': 'dropped a dead letter',
  'image.rerun': 'had steps run again',
  'step.paused': 'paused a step',
  'step.resumed': 'let a paused step go on',
  'batch.changed': 'changed the settings of a batch',
  'data.erased': 'erased data',
  'instance.cleared': 'removed everything of the instance',
} as const satisfies Record<string, string>;

export type AuditAction = keyof typeof AUDIT_ACTIONS;
