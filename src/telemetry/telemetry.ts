/** What a span or a measurement is about: ids, codes and figures, as in logs; never personal data. */
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where the work of a span comes from. */
interface Origin {
  /** W3C trace context of the message that is worked on: the span becomes a part of its trace. */
  readonly traceparent?: string | undefined;
  /** W3C trace context of the host's own invocation: the span is linked to it. */
  readonly invocation?: string | undefined;
}

interface Span {
  /** W3C trace context of this span, for messages that are sent on; undefined where nothing is recorded. */
  readonly traceparent: string | undefined;
  note(attributes: Attributes): void;
}

/** The figures that are kept, with what each is counted by. Source of the names: OpenTelemetry's naming rules. */
export const METRICS = {
  'imaginem.images': 'Images whose row was written, by how their job ended',
  'imaginem.step.outcomes': 'Outcomes of steps, by step and state',
  'imaginem.step.delays': 'Messages put back, by step and error code',
  'imaginem.service.calls': 'Calls of vision services, by service, operation and outcome',
  'imaginem.service.delays':
    'Calls put off, by service and by whose limit: ours (governor, in flight) or its own (service)',
} as const;
export type Metric = keyof typeof METRICS;

/** Traces and figures of a running app, wherever they go. */
export interface Telemetry {
  /**
   * Runs `work` as one span: a part of the span that it is called in, else of the trace that its origin names, else
   * the beginning of a trace.
   */
  span<T>(
    name: string,
    attributes: Attributes,
    work: (span: Span) => Promise<T>,
    origin?: Origin,
  ): Promise<T>;
  count(metric: Metric, attributes: Attributes): void;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** For tests and for apps without Application Insights: a message keeps the trace that it came with. */
export const noTelemetry: Telemetry = {
  span: (_, __, work, origin) => work({ traceparent: origin?.traceparent, note() {} }),
  count() {},
  close: async () => {},
};
