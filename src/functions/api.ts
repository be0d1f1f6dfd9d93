import { registerApi } from '../http-wiring.ts';

registerApi();
