import { registerDashboard } from '../http-wiring.ts';

registerDashboard();
