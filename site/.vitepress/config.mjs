/**
 * README and the pages of `docs/` as a static site, with a search that needs no server. The menu is the index of docs/README.md, so
 * that a page has its place once. https://vitepress.dev/reference/site-config
 */
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitepress'

const root = fileURLToPath(new URL('../..', import.meta.url))
const read = (page) => readFileSync(join(root, page), 'utf8')
const titleOf = (page) => /^# (.+)$/m.exec(read(page))[1].replaceAll('`', '')
const isPage = (page) => page.endsWith('.md') && !page.startsWith('..')

/** Every page that a text links to, once each, in its order, from the root of the repository. */
function linksOf(text, folder) {
  const links = [...text.matchAll(/\]\(([^)#:]+)/g)].map(([, link]) => relative('.', join(folder, link)))
  return [...new Set(links)].filter(isPage)
}

const entry = (page) => ({ text: titleOf(page), link: `/${page.replace(/\.md$/, '')}` })

const groups = read('docs/README.md')
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    text: section.slice(0, section.indexOf('\n')),
    items: linksOf(section, 'docs').map(entry),
  }))

// copied, because VitePress looks for its packages in the folders above a page
const pages = fileURLToPath(new URL('../pages', import.meta.url))
rmSync(pages, { recursive: true, force: true })
for (const name of ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs'])
  cpSync(join(root, name), join(pages, name), { recursive: true })
// a link to README.md leads to the page of that name; the first page has the same text
cpSync(join(root, 'README.md'), join(pages, 'index.md'))

export default defineConfig({
  title: 'tenant-onboard',
  description: 'Onboards a tenant on an OpenStack cloud, and proves that the tenant is isolated',
  srcDir: 'pages',
  cleanUrls: false,
  // a page of the site has no code and no examples beside it; scripts/prose/links checks every link in the repository
  ignoreDeadLinks: [/^(\.\.?\/)*(src|test|lab|bench|scripts|examples|schema|LICENSE)(\/|$)/],
  // a word in angle brackets is a placeholder and no element
  markdown: { html: false },
  vite: { build: { chunkSizeWarningLimit: 4_000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: [
      {
        text: 'Start',
        items: [
          { text: 'Begin here', link: '/' },
          { text: 'All pages', link: '/docs/README' },
          entry('docs/glossary.md'),
        ],
      },
      ...groups,
      {
        text: 'Decisions',
        collapsed: true,
        items: linksOf(read('docs/decisions/README.md'), 'docs/decisions').map(entry),
      },
    ],
  },
})
