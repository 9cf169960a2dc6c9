-- Counties with an open alert, by its level now.
-- The level now, not the highest ever: a county that fell again must leave the picture.
with evidence as (
    select id, division_code, level, opened_at, changed_at
    from {{ dataset('brain.alert') }}
    where signal = 'flood_response.typhoon' and state = 'open' and level <> 'none'
)
select count(*) as value
from evidence
