-- The middle time from sending to acceptance; one task forgotten over night must not hide a quick county.
with evidence as (
    select id, division_code, item, sent_at, accepted_at, extract(epoch from (accepted_at - sent_at)) / 60.0 as minutes
    from {{ dataset('flows.task') }}
    where package = 'river_watch' and accepted_at is not null
)
select percentile_cont(0.5) within group (order by minutes) as value
from evidence
