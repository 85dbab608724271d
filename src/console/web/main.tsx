import { render } from 'preact'
import { App } from './app.tsx'
import { showHarmfulCharacters } from './harmless.ts'

showHarmfulCharacters()
const root = document.getElementById('app')
if (root !== null) render(<App />, root)
