-- Hours from a county's first warning to the storm's closest approach: the time people had.
-- The closest approach is the nearest evaluated point of the track, six hours apart as a rule.
-- A storm that still comes closer has no closest approach yet: its county is not counted.
with nearest as (
    select
        matter, division_code, heard_at,
        row_number() over (partition by matter order by distance_km, heard_at) as nearness,
        max(heard_at) over (partition by matter) as last_heard_at
    from {{ dataset('flood_response.typhoon') }}
),
evidence as (
    select
        a.id, a.division_code, a.opened_at, n.heard_at as closest_at,
        extract(epoch from (n.heard_at - a.opened_at)) / 3600.0 as hours
    from {{ dataset('brain.alert') }} as a
    join nearest as n on n.matter = a.matter and n.nearness = 1 and n.heard_at < n.last_heard_at
    where a.signal = 'flood_response.typhoon'
)
select avg(hours) as value
from evidence
