-- Of the tasks sent out, how many have been accepted by the unit that must act.
-- Withdrawn tasks are left out: nobody has to accept what was called off.
with evidence as (
    select id, division_code, unit_name, item, sent_at, accepted_at
    from {{ dataset('flows.task') }}
    where package = 'flood_response' and state <> 'withdrawn'
)
select 100.0 * count(*) filter (where accepted_at is not null) / nullif(count(*), 0) as value
from evidence
