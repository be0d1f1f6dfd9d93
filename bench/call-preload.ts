/**
 * Loaded into the Functions host by `--import`: counts its calls and answers the message `{ type: 'counts' }` of its
 * parent with them. `BENCH_ADDRESSES` says, as JSON, where the services are.
 */
import { CallCounter } from './call-counter.ts';

const { BENCH_ADDRESSES } = process.env;
if (BENCH_ADDRESSES !== undefined && process.send !== undefined) {
  const counter = new CallCounter(JSON.parse(BENCH_ADDRESSES));
  process.on('message', (message) => {
    const { type } = Object(message) as { type?: unknown };
    if (type === 'counts') process.send?.({ type: 'counts', counts: counter.take() });
  });
}
