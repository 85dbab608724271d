import type { ComponentChildren } from 'preact'
import { releases, fixLevels } from '../../../policy/releases/release.ts'
import { base, release, security } from './base-config.ts'

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
      <label class="field">
        <span>Security fixes</span>
        <select
          value={security.value}
          onChange={(event) => {
            const { value } = event.currentTarget
            security.value = fixLevels.find((one) => one === value) ?? security.value
          }}
        >
          {fixLevels.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
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
