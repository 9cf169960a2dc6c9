-- The newest reading of each station: above its own warning level, and since the lowest of the hours before.
with newest as (
    select
        station_id, division_code, read_at, level_m, warn_m,
        row_number() over (partition by station_id order by read_at desc) as place
    from {{ dataset('river_watch.reading') }}
),
before as (
    select n.station_id, min(r.level_m) as lowest_m
    from newest n
    join {{ dataset('river_watch.reading') }} r on r.station_id = n.station_id
    where n.place = 1
        and date_diff('hour', r.read_at, n.read_at) between 0 and {{ parameter('rise_hours') }}
    group by n.station_id
)
select
    n.station_id,
    n.division_code,
    n.read_at,
    n.level_m - n.warn_m as over_m,
    n.level_m - b.lowest_m as rise_m
from newest n
join before b on b.station_id = n.station_id
where n.place = 1
order by n.station_id
