-- Invented households, the same on every machine: one or two in each village of the first townships.
with village as (
    select d.code, c.lon, c.lat, place.n
    from {{ dataset('base.division') }} d
    join {{ dataset('base.county') }} c on c.division_code = left(d.code, 6) || '000000'
    cross join range(1, 3) as place(n)
    where d.tier = 'village'
)
select
    'RW' || code || lpad(n::varchar, 2, '0') as household_no,
    code as division_code,
    lon,
    lat,
    '林某' || n as head_name,
    n + 1 as persons,
    case when n = 1 then 'orange' else 'red' end as moves_from,
    '镇避灾点' as shelter,
    'D' || left(code, 9) || '01' as dyke_no
from village
order by household_no
