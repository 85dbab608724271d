type SetAside = {
  readonly file: string
  readonly sha256: string
  readonly line: number
  readonly lines: number
  readonly by: string
  readonly note: string
}

/** What a chain that follows a broken one says about it. */
export function setAsideText({ file, sha256, line, lines, by, note }: SetAside): string {
  return `the chain of evidence broke at line ${line} of ${lines}; ${by} set it aside as ${file} (sha256:${sha256}): ${note}`
}
