import { InputError } from '../../errors.ts'

/**
 * The address of the database on the command line. A password in it is refused: every user of the machine can read the
 * arguments of every process, and shells remember them. libpq's places for it work: ~/.pgpass, PGPASSFILE.
 */
export function databaseAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  // the text may have a password, so it is not repeated
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol))
    throw new InputError([{ message: '`--database` is not an address of a database', hint: example }])
  if (url.password !== '' || url.searchParams.has('password'))
    throw new InputError([
      {
        message: '`--database` has a password in it, which every user of this machine can read',
        hint: 'omit it, and put it into ~/.pgpass (0600) or a file that PGPASSFILE names',
      },
    ])
  const missing = [
    ...(url.username === '' ? ['a user'] : []),
    ...(url.hostname === '' ? ['a host'] : []),
    ...(url.pathname.length < 2 ? ['a database'] : []),
  ]
  if (missing.length > 0)
    throw new InputError([{ message: `\`--database\` lacks ${missing.join(' and ')}`, hint: example }])
  return url.href
}

const example = 'postgres://USER@HOST:5432/DATABASE'
