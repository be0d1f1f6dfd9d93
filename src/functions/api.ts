import { registerApi } from '../wiring.ts';

registerApi();
