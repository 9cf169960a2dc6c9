-- How long a unit takes to accept, in minutes: the middle one of all accepted tasks.
-- The middle, not the mean: one task forgotten over night must not hide a quick county.
with evidence as (
    select
        id, division_code, unit_name, item, sent_at, accepted_at,
        extract(epoch from (accepted_at - sent_at)) / 60.0 as minutes
    from {{ dataset('flows.task') }}
    where package = 'flood_response' and accepted_at is not null
)
select percentile_cont(0.5) within group (order by minutes) as value
from evidence
