/**
 * All of `tags`, one of `tags-any`, not all of `not-tags`, none of `not-tags-any`. neutron 21.0.0, neutron/db/tag_db.py; keystone 22.0.2,
 * keystone/resource/backends/sql.py, list_projects_by_tags.
 */
export function hasTags(query: URLSearchParams, own: readonly string[]): boolean {
  const asked = (key: string) => query.get(key)?.split(',')
  const isOwn = (tag: string): boolean => own.includes(tag)
  return (
    asked('tags')?.every(isOwn) !== false &&
    asked('tags-any')?.some(isOwn) !== false &&
    asked('not-tags')?.every(isOwn) !== true &&
    asked('not-tags-any')?.some(isOwn) !== true
  )
}
