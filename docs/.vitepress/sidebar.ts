const page = (text: string, link: string) => ({ text, link });

/** The menu of the site, in the order of docs/README.md; a test finds a document that is missing here. */
export const sidebar = [
  {
    text: 'Learn',
    items: [
      page('Imaginem', '/'),
      page('All documents', '/docs/'),
      page('Getting started', '/docs/getting-started'),
      page('The steps', '/docs/steps'),
      page('Write a step', '/docs/write-a-step'),
      page('Glossary', '/docs/glossary'),
    ],
  },
  {
    text: 'Do',
    items: [
      page('Tracing officer', '/docs/guides/tracing-officer'),
      page('Operator', '/docs/guides/operator'),
      page('Administrator', '/docs/guides/administrator'),
      page('Data protection officer', '/docs/guides/data-protection-officer'),
      page('Developer', '/docs/guides/developer'),
      page('Deploy to Azure', '/docs/deploy'),
      page('Run it on Azure', '/docs/operations'),
      page('A server of your own', '/docs/self-hosting'),
      page('People and enquiries', '/docs/people'),
      page('Exchange persons: PFIF', '/docs/pfif'),
      page('What a match is worth', '/docs/calibration'),
      page('Two models side by side', '/docs/two-models'),
      page('Erase', '/docs/erasure'),
      page('Troubleshooting', '/docs/troubleshooting'),
    ],
  },
  {
    text: 'Look up',
    items: [
      page('Settings', '/docs/settings'),
      page('Commands', '/docs/cli'),
      page('HTTP API', '/docs/api'),
      page('Results in SQL', '/docs/sql'),
      page('Files', '/docs/files'),
      page('Error codes', '/docs/errors'),
      page('Audit trail', '/docs/audit'),
      page('Vision engine', '/docs/engine'),
      page('Networks', '/docs/models'),
      page('Benchmarks', '/docs/benchmarks'),
      page('What changed', '/CHANGELOG'),
    ],
  },
  {
    text: 'Understand',
    items: [
      page('Architecture', '/docs/architecture'),
      page('Reliability', '/docs/reliability'),
      page('What one machine keeps', '/docs/durability'),
      page('Ten thousand, a million, a hundred million', '/docs/scale'),
      page('Embedded host', '/docs/functions-host'),
      page('Privacy', '/PRIVACY'),
      page('Security', '/SECURITY'),
      page('Contributing', '/CONTRIBUTING'),
    ],
  },
];
