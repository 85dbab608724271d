import type { ComponentChildren } from 'preact'
import { fixNames, packageOf, releases } from '../../../policy/releases/release.ts'
import { base, fixes, release } from './base-config.ts'

/** The Keystone, and its base policy. */
export function BaseConfigBar({ children }: { readonly children?: ComponentChildren }) {
  return (
    <div class="bar">
      <label class="field">
        <span>Keystone</span>
        <select
          value={release.value}
          onChange={(event) => {
            const { value } = event.currentTarget
            release.value = releases.find((one) => one === value) ?? release.value
          }}
        >
          {releases.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <fieldset class="field">
        <legend>Fixes</legend>
        {fixNames.map((name) => {
          const isOwn = packageOf(release.value).fixes.includes(name)
          return (
            <label key={name}>
              <input
                type="checkbox"
                checked={isOwn || fixes.value.includes(name)}
                disabled={isOwn}
                onChange={(event) => {
                  const others = fixes.value.filter((one) => one !== name)
                  fixes.value = event.currentTarget.checked ? [...others, name] : others
                }}
              />
              {name}
            </label>
          )
        })}
      </fieldset>
      <label class="field">
        <span>Base</span>
        <select
          value={base.value}
          onChange={(event) => {
            base.value = event.currentTarget.value === 'charm' ? 'charm' : 'default'
          }}
        >
          <option value="default">Keystone's defaults</option>
          <option value="charm">the charm's policy.json</option>
        </select>
      </label>
      {children}
    </div>
  )
}
