import { defineConfig } from 'vitepress';
import { sidebar } from './sidebar.ts';

/**
 * The site is the same Markdown that is read in the repository, README included: nothing is written for the site alone.
 * What is no document (the licence, a template) has no page, so links to it are left as they are.
 */
export default defineConfig({
  title: 'Imaginem',
  description: 'Photographs go in, rows come out.',
  // On GitHub Pages a site stands below the name of its repository.
  base: process.env.DOCS_BASE ?? '/',
  srcDir: '..',
  srcExclude: ['**/node_modules/**', '{bench,bin,dist,samples,scripts,src,test,infra,deploy}/**', '.*/**'],
  rewrites: { 'README.md': 'index.md', 'docs/README.md': 'docs/index.md' },
  cleanUrls: true,
  lastUpdated: false,
  ignoreDeadLinks: [/\/LICENSE$/, /^https?:\/\/(localhost|127\.0\.0\.1)/],
  markdown: { languageAlias: { kusto: 'sql' } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [{ text: 'All documents', link: '/docs/' }],
    sidebar,
  },
});
