-- Of the people who must move, the share reported safe; people, not households.
with evidence as (
    select t.id, t.division_code, t.state, h.persons, t.state in ('completed', 'verified', 'closed_out') as safe
    from {{ dataset('flows.task') }} as t
    join {{ dataset('river_watch.household') }} as h on h.id = t.subject_id
    where t.package = 'river_watch' and t.item = 'move_people' and t.state <> 'withdrawn'
)
select 100.0 * sum(case when safe then persons else 0 end) / nullif(sum(persons), 0) as value
from evidence
