import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { readFleets } from './fleets.ts'
import type { TenantHome } from './homes.ts'
import type { Ledger } from './ledger.ts'
import { difference } from './ledger.ts'
import type { RowsEvent, TenantRow } from './model.ts'
import { readTenant, signatureOf } from './reading.ts'
import { tenantView } from './tenant-view.ts'

/*
 * The streams for pages. The server polls the files and uses no file events: polling works on every file system, and
 * costs a few system calls for an unchanged tenant.
 */

export type Pace = {
  readonly listMs: number
  readonly tenantMs: number
  readonly beatMs: number
  /** How often a list that is still read is sent. */
  readonly partMs: number
}
export const usualPace: Pace = { listMs: 1000, tenantMs: 250, beatMs: 15_000, partMs: 100 }

/** A page must not wait for a thousand rows before it shows the first. */
const batch = 250

export function streamRows(context: Context, ledger: Ledger, pace: Pace, stop: AbortSignal): Response {
  return follow(context, pace.listMs, pace.beatMs, stop, () => {
    let told: readonly TenantRow[] = []
    let isFirst = true
    return async (send, isOver) => {
      const tell = async (isWhole: boolean): Promise<void> => {
        const now = ledger.rows
        const { rows, gone } = difference(told, now)
        told = now
        if (rows.length === 0 && gone.length === 0 && !(isWhole && isFirst)) return
        isFirst = isFirst && !isWhole
        for (let from = 0; from === 0 || from < rows.length; from += batch) {
          const isLast = from + batch >= rows.length
          const isComplete = isLast && !isFirst
          const event: RowsEvent = { rows: rows.slice(from, from + batch), gone: isLast ? gone : [], isComplete }
          await send('rows', event)
        }
      }
      const looking = ledger.look(isOver).then(() => true)
      // what was read by then is shown, and a page that is gone is noticed
      while (!(await Promise.race([looking, sleep(pace.partMs, false, { ref: false })]))) await tell(false)
      if (!isOver()) await tell(true)
    }
  })
}

export function streamTenant(context: Context, home: TenantHome, pace: Pace, stop: AbortSignal): Response {
  return follow(context, pace.tenantMs, pace.beatMs, stop, () => {
    let seen: string | undefined
    let told = ''
    let file: string | undefined
    return async (send) => {
      const signature = await signatureOf(home, file)
      if (signature === seen) return
      seen = signature
      const reading = await readTenant(home)
      file = reading.file
      await send('live', reading.live)
      const view = tenantView(home, reading)
      const text = JSON.stringify(view)
      // during a run, most changes only concern its progress
      if (text === told) return
      told = text
      await send('tenant', view)
    }
  })
}

export function streamFleets(context: Context, root: string, pace: Pace, stop: AbortSignal): Response {
  return follow(context, pace.listMs, pace.beatMs, stop, () => {
    let told = ''
    return async (send) => {
      const fleets = await readFleets(root)
      const text = JSON.stringify(fleets)
      if (text === told) return
      told = text
      await send('fleets', fleets)
    }
  })
}

type Send = (event: string, data: unknown) => Promise<void>
type Look = (send: Send, isOver: () => boolean) => Promise<void>

function follow(context: Context, everyMs: number, beatMs: number, stop: AbortSignal, begin: () => Look): Response {
  return streamSSE(context, async (stream) => {
    const look = begin()
    let beat = Date.now()
    const send: Send = async (event, data) => {
      beat = Date.now()
      await stream.writeSSE({ event, data: JSON.stringify(data) })
    }
    const isOver = (): boolean => stream.aborted || stream.closed || stop.aborted
    while (!isOver()) {
      const began = Date.now()
      await look(send, isOver)
      // reading many thousands of tenants takes long: it must not use the machine completely
      const took = Date.now() - began
      // only a write shows that the page is gone
      if (Date.now() - beat >= beatMs) await send('beat', '')
      await stream.sleep(Math.max(everyMs, 5 * took))
    }
  })
}
