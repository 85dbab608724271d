import type { CommandUnknownOpts } from '@commander-js/extra-typings'
import type { shells } from './definitions/shell.ts'

/*
 * Completion scripts, made from the definitions of the commands. Each has one table: the words of a command, and what may follow
 * them. What is neither a command nor an option is completed as a file.
 */

type Node = {
  /** Without the program: empty, `policy`, `policy build`. */
  readonly path: string
  readonly words: readonly Word[]
}

type Word = { readonly word: string; readonly about: string }

export function completionScript(shell: (typeof shells)[number], program: CommandUnknownOpts): string {
  const nodes = nodesOf(program, program, '')
  const choices = choicesOf(program)
  switch (shell) {
    case 'bash':
      return bash(nodes, choices)
    case 'zsh':
      return zsh(nodes, choices)
    case 'fish':
      return fish(nodes, choices)
  }
}

function nodesOf(command: CommandUnknownOpts, program: CommandUnknownOpts, path: string): readonly Node[] {
  const help = { word: '--help', about: 'display help for command' }
  const own = [...command.options, ...(command === program ? [] : program.options)]
  const options = own
    .filter(({ long }) => long !== '--version' || path === '')
    .flatMap(({ short, long, description }) => [short, long].map((word) => ({ word, about: description })))
    .filter((one): one is Word => one.word !== undefined)
  const commands = command.commands.map((one) => ({ word: one.name(), about: one.description() }))
  return [
    { path, words: [...commands, ...options, help] },
    ...command.commands.flatMap((one) => nodesOf(one, program, `${path} ${one.name()}`.trim())),
  ]
}

/** The values of an option that has a fixed set, by its spelling. Options of one name have one set, or all of them. */
function choicesOf(program: CommandUnknownOpts): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>()
  const visit = (command: CommandUnknownOpts): void => {
    for (const { short, long, argChoices } of command.options)
      for (const word of [short, long])
        if (word !== undefined && argChoices !== undefined)
          found.set(word, new Set([...(found.get(word) ?? []), ...argChoices]))
    command.commands.forEach(visit)
  }
  visit(program)
  return new Map([...found].map(([word, values]) => [word, [...values]]))
}

/** The longest known path among the words before the cursor, in the three shells alike. */
function bash(nodes: readonly Node[], choices: ReadonlyMap<string, readonly string[]>): string {
  const table = nodes.map(({ path, words }) => `    '${path}') words='${words.map(({ word }) => word).join(' ')}' ;;`)
  const values = [...choices].map(
    ([word, all]) => `    ${word}) COMPREPLY=($(compgen -W '${all.join(' ')}' -- "$cur")); return ;;`,
  )
  return `# bash completion of tenant-onboard: eval "$(tenant-onboard completion bash)"
_tenant_onboard_words() {
  case "$1" in
${table.join('\n')}
    *) return 1 ;;
  esac
}
_tenant_onboard() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" path='' words word index
  case "$prev" in
${values.join('\n')}
  esac
  for ((index = 1; index < COMP_CWORD; index++)); do
    word="\${COMP_WORDS[index]}"
    _tenant_onboard_words "\${path:+$path }$word" && path="\${path:+$path }$word"
  done
  _tenant_onboard_words "$path"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _tenant_onboard tenant-onboard
`
}

function zsh(nodes: readonly Node[], choices: ReadonlyMap<string, readonly string[]>): string {
  const described = ({ word, about }: Word): string => `'${`${word}:${about}`.replaceAll("'", "'\\''")}'`
  const table = nodes.map(({ path, words }) => `    '${path}') words_=(${words.map(described).join(' ')}) ;;`)
  const values = [...choices].map(([word, all]) => `    ${word}) compadd -- ${all.join(' ')}; return ;;`)
  return `#compdef tenant-onboard
# zsh completion of tenant-onboard: tenant-onboard completion zsh > "\${fpath[1]}/_tenant-onboard"
_tenant_onboard_words() {
  case "$1" in
${table.join('\n')}
    *) return 1 ;;
  esac
}
_tenant-onboard() {
  local path_='' word
  local -a words_
  case "\${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  for word in "\${words[@]:1:$((CURRENT-2))}"; do
    _tenant_onboard_words "\${path_:+$path_ }$word" && path_="\${path_:+$path_ }$word"
  done
  _tenant_onboard_words "$path_"
  _describe 'command or option' words_
  _files
}
if [ "$funcstack[1]" = "_tenant-onboard" ]; then _tenant-onboard "$@"; else compdef _tenant-onboard tenant-onboard; fi
`
}

function fish(nodes: readonly Node[], choices: ReadonlyMap<string, readonly string[]>): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const lines = nodes.flatMap(({ path, words }) =>
    words.map(({ word, about }) => {
      const place = `-n ${quoted(`__tenant_onboard_at ${quoted(path)}`)}`
      const named = word.startsWith('--')
        ? `-l ${word.slice(2)}`
        : word.startsWith('-')
          ? `-s ${word.slice(1)}`
          : `-f -a ${word}`
      const values = choices.get(word)
      return `complete -c tenant-onboard ${place} ${named}${values === undefined ? '' : ` -x -a ${quoted(values.join(' '))}`} -d ${quoted(about)}`
    }),
  )
  const paths = nodes.map(({ path }) => quoted(path)).join(' ')
  return `# fish completion of tenant-onboard: tenant-onboard completion fish | source
function __tenant_onboard_at
  set -l path ''
  for word in (commandline -opc)[2..-1]
    set -l longer (string trim "$path $word")
    contains -- $longer ${paths}; and set path $longer
  end
  test "$path" = "$argv[1]"
end
${lines.join('\n')}
`
}
