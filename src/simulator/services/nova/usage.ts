/**
 * What a dashboard shows of use: the servers of a project over a time, and hypervisors, of which there are none. nova 26.2.2,
 * nova/api/openstack/compute/simple_tenant_usage.py and hypervisors.py.
 */
import { forbiddenBy } from './error.ts'
import { isAdmin, projectOf } from '../../access.ts'
import { minorOf } from './version.ts'
import { ok, param, route } from '../../service.ts'
import { Refusal } from '../../refusal.ts'
import { isoNaive } from '../../world.ts'
import type { Call, Route } from '../../service.ts'
import type { Json } from '../../json.ts'
import type { Server } from '../../state.ts'

type Period = { readonly from: number; readonly to: number }

/** Both ends are now by default, and the end is never later. Times are UTC, and have no zone. */
function periodOf(call: Call): Period {
  const now = call.world.now()
  const at = (name: string): number | undefined => {
    const text = call.query.get(name) ?? ''
    if (text === '') return undefined
    const time = DATETIME.test(text) ? Date.parse(`${text.replace(' ', 'T')}Z`) : NaN
    if (Number.isNaN(time)) throw new Refusal(400, 'Invalid datetime string: Datetime is in invalid format')
    return time
  }
  const [from, to] = [at('start'), at('end')]
  if ((from !== undefined || to !== undefined) && (from ?? now) >= (to ?? now))
    throw new Refusal(400, 'Invalid start time. The start time cannot occur after the end time.')
  return { from: from ?? now, to: Math.min(to ?? now, now) }
}

const DATETIME = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?| \d\d:\d\d:\d\d\.\d{1,6})$/

/** Empty where no server ran at that time. */
function usageOf(call: Call, projectId: string, period: Period, isDetailed: boolean): Json {
  const servers = call.world.state.servers.filter((row) => row.project_id === projectId && row.createdAt < period.to)
  if (servers.length === 0) return {}
  const rows = servers.map((server) => ofServer(call, server, period))
  const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0)
  return {
    tenant_id: projectId,
    start: `${isoNaive(period.from)}.000000`,
    stop: `${isoNaive(period.to)}.000000`,
    total_hours: sum(({ hours }) => hours),
    total_vcpus_usage: sum(({ hours, vcpus }) => hours * vcpus),
    total_memory_mb_usage: sum(({ hours, memory_mb }) => hours * memory_mb),
    total_local_gb_usage: sum(({ hours, local_gb }) => hours * local_gb),
    ...(isDetailed ? { server_usages: rows } : {}),
  }
}

function ofServer(call: Call, server: Server, { from, to }: Period) {
  const now = call.world.now()
  const flavor = call.world.state.flavors.get(server.flavorId)
  return {
    instance_id: server.id,
    name: server.name,
    tenant_id: server.project_id,
    flavor: flavor?.name ?? '',
    vcpus: flavor?.vcpus ?? 0,
    memory_mb: flavor?.ram ?? 0,
    local_gb: flavor?.disk ?? 0,
    hours: (to - Math.max(from, server.createdAt)) / 3_600_000,
    started_at: `${isoNaive(server.createdAt)}.000000`,
    ended_at: null,
    state: server.status.toLowerCase(),
    uptime: Math.floor((now - server.createdAt) / 1000),
  }
}

const noHypervisor = {
  ...{ count: 0, vcpus: 0, memory_mb: 0, local_gb: 0, vcpus_used: 0, memory_mb_used: 0, local_gb_used: 0 },
  ...{ free_ram_mb: 0, free_disk_gb: 0, current_workload: 0, running_vms: 0, disk_available_least: 0 },
}

export const usageRoutes: readonly Route[] = [
  route('GET', '/v2.1/os-simple-tenant-usage/:project_id', (call) => {
    const project = param(call, 'project_id')
    if (!isAdmin(call) && projectOf(call) !== project) throw forbiddenBy('os_compute_api:os-simple-tenant-usage:show')
    return ok({ tenant_usage: usageOf(call, project, periodOf(call), true) })
  }),
  route('GET', '/v2.1/os-simple-tenant-usage', (call) => {
    if (!isAdmin(call)) throw forbiddenBy('os_compute_api:os-simple-tenant-usage:list')
    const period = periodOf(call)
    const isDetailed = call.query.get('detailed') === '1'
    const running = call.world.state.servers.filter((row) => row.createdAt < period.to)
    const projects = [...new Set(running.map((row) => row.project_id))]
    return ok({ tenant_usages: projects.map((project) => usageOf(call, project, period, isDetailed)) })
  }),
  route('GET', '/v2.1/os-hypervisors/detail', (call) => {
    if (!isAdmin(call)) throw forbiddenBy('os_compute_api:os-hypervisors:list-detail')
    return ok({ hypervisors: [] })
  }),
  route('GET', '/v2.1/os-hypervisors/statistics', (call) => {
    if (minorOf(call) >= 88) throw new Refusal(404, 'The resource could not be found.')
    if (!isAdmin(call)) throw forbiddenBy('os_compute_api:os-hypervisors:statistics')
    return ok({ hypervisor_statistics: noHypervisor })
  }),
]
