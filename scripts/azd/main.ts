/**
 * `npm run azd:database-user`: what `azd up` runs once the resources are there, as whoever is signed in to azd or az. It
 * reads the outputs of `infra/main.bicep`, which azd has put into the environment.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { connect, firewall, signedIn } from './azure.ts';
import { ensureDatabaseUser } from './database-user.ts';
import { readOutputs } from './outputs.ts';

try {
  const outputs = readOutputs(process.env);
  if (outputs.privateOnly) {
    console.log(
      `The database is not on the internet. From a machine in its network, run in ${outputs.database} on ${outputs.server}:\n${outputs.statement}`,
    );
  } else {
    const credential = signedIn();
    await ensureDatabaseUser(outputs.identity, outputs.statement, {
      connect: () => connect(outputs.server, outputs.database, credential),
      firewall: firewall(outputs.place, credential),
      pause: (milliseconds) => pause(milliseconds),
      say: (sentence) => console.log(sentence),
    });
  }
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  console.error(
    'The database user was not made: docs/deploy.md says how to do it by hand. Results wait meanwhile.',
  );
  process.exitCode = 1;
}
