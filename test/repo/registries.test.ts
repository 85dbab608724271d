/** No address of a package registry is in the repository: npm, apt and the rest use the registry that the machine is configured for. */
import { expect, test } from 'vitest'
import { matchesIn, repositoryFiles, textOf } from './repository.ts'

const hosts = [
  // Debian, Ubuntu
  'deb.debian.org',
  'ftp.debian.org',
  'security.debian.org',
  'snapshot.debian.org',
  'archive.ubuntu.com',
  'security.ubuntu.com',
  'deb.nodesource.com',
  // npm, and what serves its packages
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'registry.npmmirror.com',
  'npm.pkg.github.com',
  'unpkg.com',
  'cdn.jsdelivr.net',
  'esm.sh',
  // Python, Go, Java, Rust, Ruby
  'pypi.org',
  'pythonhosted.org',
  'proxy.golang.org',
  'sum.golang.org',
  'repo.maven.apache.org',
  'repo1.maven.org',
  'crates.io',
  'rubygems.org',
  // images
  'docker.io',
  'ghcr.io',
  'quay.io',
  'gcr.io',
  'registry.k8s.io',
]

const address = new RegExp(
  String.raw`(?<![\w-])(?:[\w-]+\.)*(?:${hosts.map((host) => host.replaceAll('.', String.raw`\.`)).join('|')})(?![\w-])`,
  'gi',
)

const exempt = new Set([
  // the list above
  'test/repo/registries.test.ts',
  // names of images that pods of a simulated cluster report; nothing is fetched
  'src/simulator/kubernetes/objects.ts',
  // and of a cluster on the lab
  'lab/cluster_api/workload.py',
])

function addressesIn(path: string, text: string): readonly string[] {
  return matchesIn(text, address).map((found) => `${path}:${found.line}: ${found.text}`)
}

test('an address is found by its host, also below a mirror of a country, and no name that only looks like one', () => {
  const text = 'deb http://deb.debian.org/debian trixie main\n"resolved": "https://registry.npmjs.org/a/-/a-1.tgz"\n'
  expect(addressesIn('a', text)).toEqual(['a:1: deb.debian.org', 'a:2: registry.npmjs.org'])
  expect(addressesIn('a', 'http://ftp.de.debian.org https://files.pythonhosted.org/x')).toEqual([
    'a:1: files.pythonhosted.org',
  ])
  expect(addressesIn('a', 'deb.debian.organisation my-pypi.org.example https://docs.dbos.dev')).toEqual([])
})

test('no file of the repository names a registry', () => {
  const found = repositoryFiles()
    .filter((path) => !exempt.has(path))
    .flatMap((path) => addressesIn(path, textOf(path) ?? ''))
  expect(found).toEqual([])
})
