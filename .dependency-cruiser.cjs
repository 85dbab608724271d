/* The tree is the architecture: which folder may import which. docs/architecture.md explains it. */
const words = '^src/(errors|finding|masking|nearest|secret|spelling|success|visible)\\.ts$'
// the facts of a tenant in words, and how a format may show them: data to data, so that a browser can have it too
const reportWords = '^src/report/view/(check|count|finding|label|made|set-aside|time|value)\\.ts$'
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'policy-is-pure',
      comment: 'policy/ is text in, data out: it imports only shared types, and nothing of node',
      severity: 'error',
      from: { path: '^src/policy/' },
      // fflate only turns bytes into bytes
      to: { pathNot: ['^src/policy/', words, 'node_modules/fflate/'] },
    },
    {
      name: 'openstack-is-independent',
      severity: 'error',
      from: { path: '^src/openstack/' },
      to: { path: '^src/', pathNot: ['^src/openstack/', words] },
    },
    {
      name: 'kubernetes-imports-the-transport',
      comment: 'no service of the cloud, and nothing of tenants: one cluster and its API',
      severity: 'error',
      from: { path: '^src/kubernetes/' },
      to: { path: '^src/', pathNot: ['^src/kubernetes/', '^src/openstack/(exchange|http|shape)\\.ts$', words] },
    },
    {
      name: 'logs-know-no-stage',
      severity: 'error',
      from: { path: '^src/logs/' },
      to: { path: '^src/', pathNot: ['^src/(logs|tenant|openstack)/', words] },
    },
    {
      name: 'simulator-shares-no-code-with-the-client',
      comment: 'one bug must not cancel another: only types of openstack/',
      severity: 'error',
      from: { path: '^src/simulator/' },
      to: { path: '^src/', pathNot: ['^src/simulator/', '^src/policy/', words], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'tenant-knows-no-stage',
      severity: 'error',
      from: { path: '^src/tenant/' },
      to: { path: '^src/', pathNot: ['^src/tenant/', '^src/openstack/', words] },
    },
    {
      name: 'probes-know-no-stage',
      comment: 'stages, verification, delivery and diagnosis use probes, never the other way',
      severity: 'error',
      from: { path: '^src/probes/' },
      to: { path: '^src/', pathNot: ['^src/(probes|tenant|openstack)/', words] },
    },
    {
      name: 'isolation-imports-probes',
      severity: 'error',
      from: { path: '^src/isolation/' },
      to: { path: '^src/', pathNot: ['^src/(isolation|exposure|probes|tenant|openstack)/', words] },
    },
    {
      name: 'exposure-knows-no-tenant',
      comment: 'rows of Neutron and whose projects they are; verify and audit say which tenants there are',
      severity: 'error',
      from: { path: '^src/exposure/' },
      to: { path: '^src/', pathNot: ['^src/(exposure|openstack)/', words] },
    },
    {
      name: 'handover-knows-no-stage',
      comment: 'what a tenant is given; onboarding writes it at the end of each run',
      severity: 'error',
      from: { path: '^src/handover/' },
      to: { path: '^src/', pathNot: ['^src/(handover|tenant|openstack)/', words] },
    },
    {
      name: 'rotation-knows-no-stage',
      severity: 'error',
      from: { path: '^src/rotation/' },
      to: { path: '^src/', pathNot: ['^src/(rotation|handover|tenant|openstack)/', words] },
    },
    {
      name: 'self-service-is-onboarding-without-an-operator',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(self-service|cli)/' },
      to: { path: '^src/self-service/' },
    },
    {
      name: 'offboarding-undoes-onboarding',
      comment: 'it uses onboarding, and only the command line uses it',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(offboarding|cli)/' },
      to: { path: '^src/offboarding/' },
    },
    {
      name: 'only-cli-console-and-library-import-the-simulator',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(simulator|cli|console|library)/' },
      to: { path: '^src/simulator/' },
    },
    {
      name: 'pages-run-in-a-browser',
      comment: 'the policy engine, the names of stages and the words of a report run there too; of the rest only types',
      severity: 'error',
      from: { path: '^src/console/web/' },
      to: {
        path: '^src/',
        pathNot: ['^src/console/web/', '^src/policy/', '^src/tenant/stage\\.ts$', reportWords, words],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'console-reads',
      comment: 'the console asks no cloud and knows no stage: it reads the data directory',
      severity: 'error',
      from: { path: '^src/console/', pathNot: '^src/console/web/' },
      to: {
        path: '^src/',
        pathNot: [
          '^src/console/(?!web/)',
          '^src/(tenant|fleet)/',
          '^src/(audit/recorded|report/tokens)\\.ts$',
          reportWords,
          words,
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'words-of-a-report-are-pure',
      comment: 'pages of the console are built with them: each other and the shared words, and nothing of node',
      severity: 'error',
      from: { path: reportWords },
      to: { pathNot: [reportWords, words], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'the-data-is-not-the-formats',
      comment: 'what a report says is made without them; only format.ts picks one',
      severity: 'error',
      from: { path: '^src/report/', pathNot: '^src/report/(html/|markdown/|format\\.ts$)' },
      to: { path: '^src/report/(html|markdown)/' },
    },
    {
      name: 'formats-of-a-report-stand-apart',
      severity: 'error',
      from: { path: '^src/report/(html|markdown)/' },
      to: { path: '^src/report/(html|markdown)/', pathNot: '^src/report/$1/' },
    },
    {
      name: 'nobody-imports-the-library',
      comment: 'it is what a package hands out: other folders import what they need from where it is',
      severity: 'error',
      from: { pathNot: '^src/library/' },
      to: { path: '^src/library/' },
    },
    { name: 'nobody-imports-the-cli', severity: 'error', from: { pathNot: '^src/cli/' }, to: { path: '^src/cli/' } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: { orphan: true, pathNot: ['\\.json$', '^src/cli/main\\.ts$', '^src/library/'] },
      to: {},
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
}
