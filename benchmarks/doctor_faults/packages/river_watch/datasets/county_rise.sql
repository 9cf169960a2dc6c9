-- The worst station of each county; stations within the margin of the warning level are counted.
select
    r.division_code,
    c.name as county_name,
    max(r.read_at) as read_at,
    max(r.over_m) as over_m,
    count(distinct r.station_id) filter (where r.over_m > -{{ parameter('near_m') }}) as stations
from {{ dataset('river_watch.rise') }} r
join {{ dataset('base.county') }} c on c.division_code = r.division_code
group by r.division_code, c.name
order by r.division_code
