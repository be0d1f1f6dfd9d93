import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { readInstance } from '../instance.ts';
import { dataFolder } from '../paths.ts';

export const addConnectionString: AddCommand = (program, context) => {
  program
    .command('connection-string')
    .description(
      'what Storage Explorer and SDKs need to reach the storage of the local instance; it holds the key',
    )
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      examples(
        'imaginem connection-string',
        'export AZURE_STORAGE_CONNECTION_STRING="$(imaginem connection-string)"',
      ),
    )
    .action((options: { json?: boolean }) =>
      connectionString(program.opts<{ data?: string }>().data, options, context),
    );
};

async function connectionString(
  data: string | undefined,
  { json }: { json?: boolean },
  { screen }: CommandContext,
): Promise<void> {
  const folder = dataFolder(data);
  const connection = (await readInstance(folder))?.settings.AzureWebJobsStorage;
  if (connection === undefined) {
    throw new CliError(`There is no local instance in ${folder}: start one with "npm start".`);
  }
  screen.line(json ? JSON.stringify({ connectionString: connection }, undefined, 2) : connection);
}
