import { byService } from '../access.ts'
import type { AccessCell, AccessMatrix, AccessRow } from '../access.ts'
import type { Catalogue } from '../catalogue.ts'
import type { Report } from '../report.ts'
import { accessLabel, paperText } from './access-cell.ts'
import { paragraph, section } from './block.ts'
import type { Block, Matrix, MatrixCell, SectionView } from './block.ts'
import { claimBlocks } from './claims.ts'
import { count } from './count.ts'
import { label } from './label.ts'
import { code } from './text.ts'

export function access(report: Report): SectionView {
  const { access: matrix, claims } = report
  const tried: readonly Block[] =
    matrix.rows.length === 0
      ? [paragraph(['Not tried yet. ', code('tenant-onboard verify'), ' does.'])]
      : [
          paragraph(introduction(report)),
          summaryMatrix(matrix),
          { kind: 'heading', level: 3, text: 'Action by action' },
          actionMatrix(matrix),
        ]
  return section('access', 'Access', ...tried, ...(claims.length === 0 ? [] : claimBlocks(report)))
}

function introduction({ catalogue, paper }: Report): string {
  const onPaper =
    paper === undefined
      ? ''
      : " Beside it are the policy's answers to the domain manager on paper. They count kinds of request, so they differ from the counts of probes."
  return `${triedBy(catalogue)} A list without anything of other tenants counts as refused.${onPaper}`
}

function triedBy(catalogue: Catalogue | undefined): string {
  if (catalogue === undefined) return 'The attempts of the isolation gate.'
  const { probes, scs } = catalogue
  return `What ${count(probes.length, 'probe')} tried on the cloud, by policy action. ${scs.held} of the ${scs.of} checks of the SCS suite for scs-0302 are among them and hold.`
}

/** The attempts, summed by service. */
function summaryMatrix(matrix: AccessMatrix): Matrix {
  return matrixOf(
    matrix,
    'Access by service',
    'Service',
    [{ rows: byService(matrix) }],
    [
      label('allowed, as expected', 'good'),
      label('refused, as expected', 'still'),
      label('inconclusive', 'warn'),
      label('wrong: not as expected', 'bad'),
    ],
  )
}

function actionMatrix(matrix: AccessMatrix): Matrix {
  const { rows } = matrix
  const services = [...new Set(rows.map(({ service }) => service))]
  const groups = services.map((title) => ({ title, rows: rows.filter(({ service }) => service === title) }))
  return matrixOf(matrix, 'Access by action', 'Action', groups, [])
}

function matrixOf(
  { columns }: AccessMatrix,
  caption: string,
  rowTitle: string,
  groups: readonly { readonly title?: string; readonly rows: readonly AccessRow[] }[],
  legend: Matrix['legend'],
): Matrix {
  return {
    kind: 'matrix',
    caption,
    rowTitle,
    columns: columns.map(({ who, where }) => ({ group: who, title: where })),
    legend,
    groups: groups.map(({ rows, ...group }) => ({
      ...group,
      rows: rows.map(({ action, service, cells }) => ({
        name: action === service ? service : code(action),
        cells: columns.map(({ id }) => cellOf(cells[id])),
      })),
    })),
  }
}

function cellOf(cell: AccessCell | undefined): MatrixCell | undefined {
  if (cell === undefined) return undefined
  return {
    label: accessLabel(cell),
    notes: [
      ...(cell.paper === undefined ? [] : [paperText(cell.paper)]),
      ...(cell.isContradiction ? ['the policy says no'] : []),
    ],
  }
}
