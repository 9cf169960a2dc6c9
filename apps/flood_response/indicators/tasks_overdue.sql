-- Tasks whose limit has passed before the work was reported done, and that are still not done.
with evidence as (
    select id, division_code, unit_name, item, state, limit_at, supervised_at
    from {{ dataset('flows.task') }}
    where package = 'flood_response' and overdue
)
select count(*) as value
from evidence
