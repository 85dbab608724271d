import { Encrypter } from 'age-encryption'

/** Why a text is no age recipient, or `undefined` when it is one. It is never repeated: it may be a secret. */
export function recipientProblem(text: string): string | undefined {
  if (/^age-secret-key-/i.test(text))
    return 'this is an age identity, the secret half: write its recipient, `age1...` (`age-keygen -y` prints it), and make a new identity'
  if (/^ssh-/.test(text))
    return 'an SSH key is no age recipient here: make one with `age-keygen`, and write its `age1...`'
  if (!text.startsWith('age1')) return 'write an age recipient: `age1...`, as `age-keygen` prints it'
  try {
    new Encrypter().addRecipient(text)
  } catch {
    return 'this age recipient is mistyped or cut short: its checksum does not hold'
  }
  return undefined
}
