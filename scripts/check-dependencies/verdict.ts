import type { Accepted } from './accepted.ts';

interface Verdict {
  /** `refused`: a vulnerability that the policy does not let pass; `unknown`: nobody could be asked. */
  kind: 'fine' | 'refused' | 'unknown';
  lines: string[];
}

/** What of `npm audit --json` is read (report version 2). */
interface Report {
  auditReportVersion?: number;
  message?: string;
  vulnerabilities?: Record<
    string,
    { name: string; severity: string; via: (string | { title?: string; url?: string; severity?: string })[] }
  >;
}

const REFUSED = ['high', 'critical'];

/**
 * The policy: no vulnerability of severity high or critical in what is deployed, unless it stands in `accepted` and
 * its time is not over. Lower ones are told.
 *
 * @param output what `npm audit --omit=dev --json` printed
 */
export function judge(output: string, accepted: readonly Accepted[], today: string): Verdict {
  const report = parsed(output);
  if (report?.auditReportVersion === undefined || !report.vulnerabilities) {
    const why = report?.message ?? 'npm audit gave no report';
    return {
      kind: 'unknown',
      lines: [`The dependencies were NOT audited: the registry's audit service did not answer (${why}).`],
    };
  }
  const standing = new Map(accepted.filter(({ until }) => until > today).map((one) => [one.advisory, one]));
  const lines: string[] = [];
  let refused = 0;
  for (const { name, via } of Object.values(report.vulnerabilities)) {
    for (const cause of via) {
      // A name alone: the package is touched by what another one has, which is told there.
      if (typeof cause === 'string') continue;
      const advisory = cause.url?.split('/').at(-1) ?? '';
      const severity = cause.severity ?? 'unknown';
      const excuse = standing.get(advisory);
      const counts = REFUSED.includes(severity) && !excuse;
      if (counts) refused += 1;
      lines.push(
        `${severity}: ${name}: ${cause.title ?? ''} (${cause.url ?? 'no address'})${excuse ? `, accepted until ${excuse.until}: ${excuse.reason}` : ''}`,
      );
    }
  }
  if (refused === 0)
    return {
      kind: 'fine',
      lines: [...lines, 'No vulnerability of severity high or critical in what is deployed.'],
    };
  const advice =
    'Update the package ("npm audit fix --omit=dev"), or say in scripts/check-dependencies/accepted.ts why it does not touch us, and until when.';
  return { kind: 'refused', lines: [...lines, `${refused} of severity high or critical. ${advice}`] };
}

/**
 * Whether the check fails. An audit that could not be made is no fault of a change: it is told, and the next run asks
 * again. A release is not made without one.
 */
export const fails = (kind: Verdict['kind'], release: boolean): boolean =>
  kind === 'refused' || (kind === 'unknown' && release);

function parsed(output: string): Report | undefined {
  try {
    const value: unknown = JSON.parse(output.slice(output.indexOf('{')));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
