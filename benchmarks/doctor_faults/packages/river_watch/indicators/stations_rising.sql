-- Stations with an open alert, by their level now, not by the highest ever.
with evidence as (
    select id, division_code, level, opened_at
    from {{ dataset('brain.alert') }}
    where signal = 'river_watch.rising' and state = 'open' and level <> 'none'
)
select count(*) as value
from evidence
