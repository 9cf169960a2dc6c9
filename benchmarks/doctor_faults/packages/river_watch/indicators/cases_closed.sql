-- Of all cases ever opened, the share that is closed.
with evidence as (
    select id, division_code, state
    from {{ dataset('flows.case') }}
    where package = 'river_watch' and process = 'look_after'
)
select 100.0 * count(*) filter (where state = 'closed') / nullif(count(*), 0) as value
from evidence
