import type { Finding } from '../../finding.ts'
import type { DeliveredState } from './backend.ts'
import { charmDetailOf, settingName } from './juju.ts'
import { prefixOf } from './juju-status.ts'

/** What the charm's status means, once behaviour has decided. */
export function charmFindings(application: string, standing: DeliveredState, isInForce: boolean): readonly Finding[] {
  const { isEnabled, resource, units } = charmDetailOf(standing)
  const finding = (code: string, message: string, remedy: string): Finding => ({
    code,
    severity: 'error',
    where: application,
    message,
    remedy,
    owner: 'operator',
  })
  if (!isEnabled)
    return [
      finding(
        'delivery/not-enabled',
        `\`${settingName}\` is false: the charm uses no override, whatever is attached`,
        '`tenant-onboard policy attach` sets it',
      ),
    ]
  const shown = units.map(({ name, message }) => `${name}: ${message}`).join('; ')
  if (resource === undefined)
    return [
      finding(
        'delivery/no-resource',
        `\`${settingName}\` is true and no resource is attached: nothing is overridden, although the units are active (${shown})`,
        '`tenant-onboard policy attach` attaches one',
      ),
    ]
  if (units.some((unit) => prefixOf(unit) === 'PO (broken)'))
    return [
      finding(
        'delivery/charm-broken',
        `the charm refused the zip and emptied its folder: ${shown}`,
        '`juju debug-log --include ' + application + '` shows why; `tenant-onboard policy attach` sends a valid one',
      ),
    ]
  if (!isInForce && units.some((unit) => prefixOf(unit) === 'PO'))
    return [
      finding(
        'delivery/false-po',
        `the status says \`PO:\`, but the override is not in force (${shown}): the charm keeps the mark of an earlier success if it cannot open a zip`,
        'attach it again with `tenant-onboard policy attach`',
      ),
    ]
  return []
}
