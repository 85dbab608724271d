// May a domain manager change an account of another domain? Asked of the rules, without a cloud.
import { buildOverride, decide, keystonePolicy, loadKeystone, parseRelease } from 'tenant-onboard/policy'

const release = '22.0.2-0+deb12u6'
const keystone = await loadKeystone(parseRelease(release))
const override = buildOverride(keystone, { base: { kind: 'default' } })
const rules = await keystonePolicy(release, { overrides: [{ file: 'domain-manager.yaml', text: override.text }] })

const manager = {
  user_id: 'ada',
  domain_id: 'acme',
  token: { domain: { id: 'acme' } },
  roles: ['manager', 'member', 'reader'],
}
const own = decide(rules, 'identity:update_user', manager, { 'target.user.domain_id': 'acme' })
const foreign = decide(rules, 'identity:update_user', manager, { 'target.user.domain_id': 'umbra' })

process.stdout.write(`${JSON.stringify({ own: own.kind, foreign: foreign.kind })}\n`)
