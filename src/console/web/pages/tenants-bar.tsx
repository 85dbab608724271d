import { count } from '../../../report/view/count.ts'
import { Mark } from '../mark.tsx'
import { tenantSigns } from '../status-icons.ts'
import { cloud, clouds, counts, only, order, search, shown, total } from './tenants-state.ts'

/** Search, and a button for each state with its number of tenants. */
export function TenantsBar() {
  return (
    <div class="bar" role="search">
      <label class="field grow">
        <span>Search</span>
        <input
          type="search"
          value={search.value}
          placeholder="tenant or cloud"
          autoComplete="off"
          spellcheck={false}
          onInput={(event) => {
            search.value = event.currentTarget.value
          }}
        />
      </label>
      <label class="field">
        <span>Cloud</span>
        <select
          value={cloud.value}
          onChange={(event) => {
            cloud.value = event.currentTarget.value
          }}
        >
          <option value="">all</option>
          {clouds.value.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        <span>Order</span>
        <select
          value={order.value}
          onChange={(event) => {
            order.value = event.currentTarget.value === 'name' ? 'name' : 'attention'
          }}
        >
          <option value="name">by name</option>
          <option value="attention">what needs attention first</option>
        </select>
      </label>
      <div class="chips" role="group" aria-label="State">
        {counts.value.map(({ state, count }) => (
          <button
            key={state}
            type="button"
            class="chip"
            aria-pressed={only.value === state}
            disabled={count === 0 && only.value !== state}
            onClick={() => {
              only.value = only.value === state ? undefined : state
            }}
          >
            <Mark sign={tenantSigns[state]} />
            {state} <b>{count}</b>
          </button>
        ))}
      </div>
      <p class="count" role="status">
        {shown.value.length === total.value
          ? count(total.value, 'tenant')
          : `${shown.value.length} of ${count(total.value, 'tenant')}`}
      </p>
    </div>
  )
}
