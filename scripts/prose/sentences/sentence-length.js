// A textlint rule: a sentence has at most 25 words. It counts in paragraphs, items of lists and cells of tables.
import { split } from 'sentence-splitter'
import { StringSource } from 'textlint-util-to-string'

// a span of code is one word, and its full stops end no sentence
const oneWord = ({ node, maskValue }) => (node.type === 'Code' ? maskValue('x') : undefined)

/** Words as a reader counts them: a dash or an arrow alone is none. */
export const wordsOf = (sentence) => sentence.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word))

const MAX = 25

export default function sentenceLength(context) {
  const { Syntax, RuleError, report, locator } = context
  const check = (node) => {
    const source = new StringSource(node, { replacer: oneWord })
    const text = source.toString()
    // the splitter takes `13. Under` for a number of a list: digits are hidden from it
    for (const sentence of split(text.replace(/\d/g, 'n'))) {
      if (sentence.type !== 'Sentence') continue
      const words = wordsOf(text.slice(...sentence.range))
      if (words.length <= MAX) continue
      const at = source.originalIndexFromIndex(sentence.range[0]) ?? 0
      const beginning = words.slice(0, 6).join(' ')
      report(
        node,
        new RuleError(`${words.length} words, at most ${MAX}: "${beginning} .."`, { padding: locator.at(at) }),
      )
    }
  }
  return { [Syntax.Paragraph]: check, [Syntax.TableCell]: check }
}
