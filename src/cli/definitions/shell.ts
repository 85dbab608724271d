import { Option } from '@commander-js/extra-typings'
import type { Command } from '@commander-js/extra-typings'
import { allowHttp, apiTimeout, cloud, debug, home, output, region, tableOutput, trace } from '../options.ts'
import type { OptionsOf } from '../options.ts'

/* The commands that begin a tenant file, that list what there is, and that serve the shell. */

export const init = (program: Command) =>
  program
    .command('init')
    .description('write a commented tenant.yaml that fits the cloud; asks for what is not given')
    .option('--tenant <name>', 'the name of the tenant, and of its domain')
    .option('--project <name>', 'the name of its first project (default: prod)')
    .option('--cidr <prefix>', 'the prefix of its network (default: the first free /24 of the pool)')
    .option(
      '--pool <prefix>',
      'where a free prefix is taken from (default: `tenant_pool` of cloud.yaml, or 10.0.0.0/8)',
    )
    .option('--cluster', 'also a cluster template and a cluster')
    .option('--out <file>', 'the file to write (default: tenant.yaml); `-` is stdout')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .addOption(output())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type InitOptions = OptionsOf<typeof init>

export const list = (program: Command) =>
  program
    .command('list')
    .description('list the tenants of the data directory with their state; works offline')
    .addOption(home())
    .addOption(tableOutput())
export type ListOptions = OptionsOf<typeof list>

export const show = (program: Command) =>
  program
    .command('show')
    .description('show one tenant of the data directory: stages, isolation, what was made; works offline')
    .argument('<tenant>', 'its name, or CLOUD/TENANT if several clouds have one of this name')
    .addOption(home())
    .addOption(tableOutput())
export type ShowOptions = OptionsOf<typeof show>

export const exportTenant = (program: Command) =>
  program
    .command('export')
    .description(
      'write a tenant that is on the cloud as a tenant.yaml, or for another tool; a plan of it has nothing to do',
    )
    .argument('<domain>', 'the name of its domain')
    .addOption(
      new Option(
        '--to <form>',
        'what is written: a tenant.yaml, import blocks and resources for Terraform, or a playbook for Ansible',
      )
        .choices(['tenant-file', 'terraform', 'ansible'] as const)
        .default('tenant-file' as const),
    )
    .option('--out <file>', 'the file to write (default: stdout, also `-`)')
    .addOption(cloud())
    .addOption(region())
    .addOption(home())
    .addOption(debug())
    .addOption(trace())
    .addOption(apiTimeout())
    .addOption(allowHttp())
export type ExportOptions = OptionsOf<typeof exportTenant>

export const shells = ['bash', 'zsh', 'fish'] as const

export const completion = (program: Command) =>
  program
    .command('completion')
    .description('print the completion script of a shell')
    .argument('<shell>', shells.join(', '))

export const man = (program: Command) =>
  program
    .command('man')
    .description('print the manual page of a command, for `man -l -`')
    .argument('[command...]', 'such as: policy build')
    .option('--all <folder>', 'write the pages of all commands into this folder')
export type ManOptions = OptionsOf<typeof man>
