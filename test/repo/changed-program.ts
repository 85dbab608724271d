import { relative, resolve } from 'node:path'
import ts from 'typescript'

/** New text by path from the root of the repository; a path that is not there yet is a new file. */
export type Change = ReadonlyMap<string, string>

/** A file with one text in place of another. Throws when that is not there exactly once: then the change has to be expressed anew. */
export function replaced(path: string, from: string, to: string): readonly [string, string] {
  const text = ts.sys.readFile(path) ?? ''
  const parts = text.split(from)
  if (parts.length !== 2) throw new Error(`${path} has ${JSON.stringify(from)} ${parts.length - 1} times, not once`)
  return [path, parts.join(to)]
}

export type CompilerError = {
  readonly file: string
  /** Source of the line that it is about, trimmed. */
  readonly line: string
  readonly message: string
}

/** `src/` as the compiler sees it with a change that is nowhere on disk. Files that are not changed are parsed once for all programs. */
export class ChangedProgram {
  static readonly #parsed = new Map<string, ts.SourceFile | undefined>()
  readonly #program: ts.Program
  readonly #change: Change

  constructor(change: Change = new Map()) {
    const { options, roots } = settings()
    const host = ts.createCompilerHost(options)
    const read = host.getSourceFile.bind(host)
    const texts = new Map([...change].map(([path, text]) => [resolve(path), text]))
    host.fileExists = (path) => texts.has(resolve(path)) || ts.sys.fileExists(path)
    host.getSourceFile = (path, version) => {
      const text = texts.get(resolve(path))
      if (text !== undefined) return ts.createSourceFile(path, text, version)
      if (!ChangedProgram.#parsed.has(path)) ChangedProgram.#parsed.set(path, read(path, version))
      return ChangedProgram.#parsed.get(path)
    }
    this.#program = ts.createProgram([...new Set([...roots, ...texts.keys()])], options, host)
    this.#change = change
  }

  /** Errors of the files that the change can reach: those that are changed, and all that import one of them over however many steps. */
  errors(): readonly CompilerError[] {
    return this.errorsIn(this.#reached())
  }

  errorsIn(paths: Iterable<string>): readonly CompilerError[] {
    const general = [...this.#program.getOptionsDiagnostics(), ...this.#program.getGlobalDiagnostics()]
    const ofFiles = [...paths].flatMap((path) => {
      const file = this.#program.getSourceFile(resolve(path))
      if (file === undefined) throw new Error(`${path} is no file of the program`)
      return [...this.#program.getSyntacticDiagnostics(file), ...this.#program.getSemanticDiagnostics(file)]
    })
    return [...general, ...ofFiles].map(errorOf)
  }

  #reached(): ReadonlySet<string> {
    const importers = new Map<string, string[]>()
    const ours = this.#program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'))
    for (const file of ours)
      for (const specifier of specifiersOf(file)) {
        const target = resolve(file.fileName, '..', specifier)
        importers.set(target, [...(importers.get(target) ?? []), file.fileName])
      }
    const reached = new Set([...this.#change.keys()].map((path) => resolve(path)))
    for (const path of reached) for (const importer of importers.get(path) ?? []) reached.add(importer)
    return reached
  }
}

/** All of `src/` but the pages of the console, which are a program of their own. */
function settings(): { readonly options: ts.CompilerOptions; readonly roots: readonly string[] } {
  const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile.bind(ts.sys)) as { readonly config: object }
  const { options, fileNames, errors } = ts.parseJsonConfigFileContent({ ...config, include: ['src'] }, ts.sys, '.')
  if (errors.length > 0) throw new Error(errors.map(textOf).join('\n'))
  // nothing is written, not even what the next run could start from
  const { tsBuildInfoFile: _, ...rest } = options
  return { options: { ...rest, incremental: false }, roots: fileNames.map((path) => resolve(path)) }
}

/** Imports and exports of our own files: they name each other by relative paths, with the extension. */
function specifiersOf(file: ts.SourceFile): readonly string[] {
  return ts
    .preProcessFile(file.text, true, true)
    .importedFiles.flatMap(({ fileName }) => (fileName.startsWith('.') ? [fileName] : []))
}

function errorOf(diagnostic: ts.Diagnostic): CompilerError {
  const { file, start = 0 } = diagnostic
  const message = textOf(diagnostic)
  if (file === undefined) return { file: 'tsconfig.json', line: '', message }
  const { line } = file.getLineAndCharacterOfPosition(start)
  return { file: relative('.', file.fileName), line: file.text.split('\n')[line]?.trim() ?? '', message }
}

function textOf({ messageText }: ts.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(messageText, '\n')
}
