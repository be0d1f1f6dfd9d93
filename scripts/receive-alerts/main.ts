/**
 * A receiver of alerts for trying them out: `npm run alerts -- [--port 8099]`. Checks the signature of each event with
 * WEBHOOK_SECRET, as any receiver must, and prints it. Without the secret it makes one and says how to set it.
 */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { commandLine } from '../command-line.ts';

const { port } = commandLine(
  'alerts',
  'Receives alerts on this machine, checks their signature and prints them.',
)
  .option('--port <number>', 'port of this machine', '8099')
  .parse()
  .opts<{ port: string }>();

const secret = process.env.WEBHOOK_SECRET ?? `whsec_${randomBytes(32).toString('base64')}`;
const webhook = new Webhook(secret);
/** Largest body that is read: an event is a few hundred bytes. */
const MOST = 65_536;

const server = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MOST) chunks.push(chunk);
  }
  try {
    const event = webhook.verify(Buffer.concat(chunks).toString(), request.headers as Record<string, string>);
    console.log(JSON.stringify(event));
    response.writeHead(204).end();
  } catch {
    console.log('Somebody sent what is not signed with WEBHOOK_SECRET: refused.');
    response.writeHead(401).end();
  }
});
server.listen(Number(port), '127.0.0.1', () => {
  console.log(`Listening. WEBHOOK_URL=http://127.0.0.1:${port}/ WEBHOOK_SECRET=${secret}`);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
