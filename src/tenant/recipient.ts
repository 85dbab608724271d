import { Encrypter } from 'age-encryption'

/** Why a text is not an age recipient, or `undefined` if it is one. Never repeats the text, which may be a secret. */
export function recipientProblem(text: string): string | undefined {
  if (/^age-secret-key-/i.test(text))
    return 'this is an age identity, the secret half: write its recipient, `age1...` (`age-keygen -y` prints it), and make a new identity'
  if (/^ssh-/.test(text))
    return 'an SSH key is not accepted as an age recipient: make one with `age-keygen`, and write its `age1...`'
  if (!text.startsWith('age1')) return 'write an age recipient: `age1...`, as `age-keygen` prints it'
  try {
    new Encrypter().addRecipient(text)
  } catch {
    return 'this age recipient has a typing error or is cut off: its checksum is wrong'
  }
  return undefined
}
