import { registerLifecycle } from '../wiring.ts';

registerLifecycle();
