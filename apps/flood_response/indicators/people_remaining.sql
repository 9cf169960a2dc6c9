-- People on the must-move list who have not been reported safe yet.
with evidence as (
    select t.id, t.division_code, t.state, t.unit_name, t.limit_at, h.persons
    from {{ dataset('flows.task') }} as t
    join {{ dataset('flood_response.household') }} as h on h.id = t.subject_id
    where t.package = 'flood_response' and t.item = 'evacuate'
        and t.state not in ('completed', 'verified', 'closed_out', 'withdrawn')
)
select coalesce(sum(persons), 0) as value
from evidence
