import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { DEFAULT_PORTS, type PortName, type Ports, portNames } from '../../cli/instance.ts';

interface ChosenPorts {
  readonly ports: Ports;
  /** One sentence for each port that is not the one expected. */
  readonly remarks: readonly string[];
}

/**
 * Chooses the ports of this run: those of the last run (addresses of images hold the port), else the defaults, else
 * free ones.
 */
export async function choosePorts(last: Ports | undefined): Promise<ChosenPorts> {
  const ports: Partial<Record<PortName, number>> = {};
  const remarks: string[] = [];
  const given = new Set<number>();
  for (const name of portNames) {
    const wanted = last?.[name] ?? DEFAULT_PORTS[name];
    const port = !given.has(wanted) && (await isFree(wanted)) ? wanted : await freePort(given);
    given.add(port);
    ports[name] = port;
    if (port === wanted) continue;
    const moved = last && ['blob', 'queue', 'table'].includes(name);
    remarks.push(
      `Port ${wanted} (${name}) is taken by another program; ${port} is used instead.${moved && name === 'blob' ? ` Addresses of images stored earlier still name ${wanted}: free that port and start again to use them.` : ''}`,
    );
  }
  return { ports: ports as Ports, remarks };
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

async function freePort(given: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    if (!given.has(port)) return port;
  }
}
