-- Invented shelters, one for each township, the same on every machine (drawn from the md5 of the
-- township's code). Room for four persons per village, rounded up to fifty: enough for nearly all
-- townships, short in a few, as an exercise must meet a full shelter too.
with township as (
    select
        t.code, t.name, c.lon, c.lat, count(v.code) as villages, md5('shelter ' || t.code) as m
    from {{ dataset('base.division') }} t
    join {{ dataset('base.county') }} c on c.division_code = left(t.code, 6) || '000000'
    left join {{ dataset('base.division') }} v on v.parent_code = t.code and v.tier = 'village'
    where t.tier = 'township'
    group by all
)
select
    'SH' || left(code, 9) || '01' as shelter_no,
    code as division_code,
    name || ['中心学校', '文化礼堂', '综合服务中心'][1 + ('0x' || substr(m, 1, 3))::integer % 3]
        || '避灾点' as name,
    (50 * ceil((villages + 1) * 4 / 50.0))::integer as capacity,
    round(lon + (('0x' || substr(m, 4, 3))::integer % 1000 - 500) / 9000.0, 5) as lon,
    round(lat + (('0x' || substr(m, 7, 3))::integer % 1000 - 500) / 9000.0, 5) as lat
from township
order by shelter_no
