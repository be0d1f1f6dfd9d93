export interface EmulatorOptions {
  /** Folder to keep the data in; kept nowhere when absent. */
  readonly location?: string;
  /** Ports to use again after a restart; free ones when absent. */
  readonly ports?: Emulator['ports'];
  /** Files in PEM: it then speaks https and takes bearer tokens, whose claims (not whose signature) it checks. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface Emulator {
  /** For blob, queue and table alike. */
  readonly connectionString: string;
  readonly ports: { readonly blob: number; readonly queue: number; readonly table: number };
  readonly pid: number;
  /** Ends the process and waits for it; safe to repeat. */
  stop(): Promise<void>;
}
