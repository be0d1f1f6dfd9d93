/**
 * Training of a LargeFaceList. A search needs none here (the index is exact), but the contract does: faces are found
 * only after a training that began after they were added. The state follows from what was written when the training
 * was asked for and from the clock, so it needs no timer and survives a restart.
 */

/** Sequence numbers are those of persisted faces: a snapshot is "every face up to and including this one". */
interface TrainingRecord {
  started: number;
  ends: number;
  /** Faces in the list when the training began. */
  faces: number;
  /** The snapshot this training makes. */
  seq: number;
}

interface Trained {
  seq: number;
  at: number;
}

export interface TrainingState {
  training: TrainingRecord | undefined;
  /** What the training before this one left. */
  previous: Trained | undefined;
}

/** The service's answer to `GET .../training`. */
interface TrainingStatus {
  status: 'notstarted' | 'running' | 'succeeded' | 'failed';
  createdDateTime: string;
  lastActionDateTime: string;
  lastSuccessfulTrainingDateTime?: string;
  message?: string;
}

export function isUnderTraining({ training }: TrainingState, now: number): boolean {
  return training !== undefined && now < training.ends;
}

/** The snapshot that searches see now; undefined before the first training has succeeded. */
export function trainedSnapshot({ training, previous }: TrainingState, now: number): Trained | undefined {
  if (training && now >= training.ends && training.faces > 0) return { seq: training.seq, at: training.ends };
  return previous;
}

/** @returns undefined for a list that was never trained */
export function trainingStatus(state: TrainingState, now: number): TrainingStatus | undefined {
  const { training } = state;
  if (!training) return undefined;
  const status = statusOf(training, now);
  const snapshot = trainedSnapshot(state, now);
  return {
    status,
    createdDateTime: new Date(training.started).toISOString(),
    lastActionDateTime: new Date(Math.min(now, training.ends)).toISOString(),
    ...(snapshot ? { lastSuccessfulTrainingDateTime: new Date(snapshot.at).toISOString() } : {}),
    ...(status === 'failed' ? { message: 'There is no persisted face in the large face list.' } : {}),
  };
}

/** The first tenth of a training is spent in the queue, so that clients meet every status. */
function statusOf(training: TrainingRecord, now: number): TrainingStatus['status'] {
  if (now >= training.ends) return training.faces > 0 ? 'succeeded' : 'failed';
  return now - training.started < (training.ends - training.started) / 10 ? 'notstarted' : 'running';
}
