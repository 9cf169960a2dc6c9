-- Invented households on the must-move list, the same on every machine: all that varies is drawn
-- from the md5 of the village's code. Names cannot be anybody's: surname, 某 ("somebody")
-- and a number. More villages are drawn on the coast and in the mountains: more to flee from.
with mountain(prefix) as (
    -- Lishui, Quzhou and the hill counties of other cities, by division code (2023)
    values ('3308'), ('3311'), ('330112'), ('330122'), ('330127'), ('330182'), ('330324'),
        ('330328'), ('330329'), ('330523'), ('330624'), ('330683'), ('330723'), ('330726'),
        ('330727'), ('331023'), ('331024')
),
village as (
    select
        d.code,
        d.name,
        left(d.code, 9) as township,
        c.lon,
        c.lat,
        case
            when s.division_code is not null then 'coast'
            when m.prefix is not null then 'mountain'
            else 'plain'
        end as land
    from {{ dataset('base.division') }} d
    join {{ dataset('base.county') }} c on c.division_code = left(d.code, 6) || '000000'
    left join {{ dataset('flood_response.coastal_county') }} s on s.division_code = c.division_code
    left join mountain m on m.prefix in (left(d.code, 4), left(d.code, 6))
    where d.tier = 'village'
),
-- One number from 0 to 999 per question, each from its own three hexadecimal digits of the md5.
drawn as (
    select
        v.*,
        n,
        'HH' || code || lpad(n::varchar, 2, '0') as household_no,
        md5('village ' || code) as vm,
        md5('household ' || code || ' ' || n) as hm
    from village v cross join range(1, 7) as place(n)
),
number as (
    select
        *,
        [
            ('0x' || substr(vm, 1, 3))::integer % 1000,
            ('0x' || substr(vm, 4, 3))::integer % 1000,
            ('0x' || substr(vm, 7, 3))::integer % 1000,
            ('0x' || substr(vm, 10, 3))::integer % 1000,
            ('0x' || substr(vm, 13, 3))::integer % 1000
        ] as v,
        [
            ('0x' || substr(hm, 1, 3))::integer % 1000,
            ('0x' || substr(hm, 4, 3))::integer % 1000,
            ('0x' || substr(hm, 7, 3))::integer % 1000,
            ('0x' || substr(hm, 10, 3))::integer % 1000,
            ('0x' || substr(hm, 13, 3))::integer % 1000,
            ('0x' || substr(hm, 16, 3))::integer % 1000
        ] as h,
        ['陈', '林', '王', '李', '张', '黄', '叶', '徐', '朱', '周', '吴', '金', '郑', '潘', '蒋', '郭']
            as surname,
        case land
            when 'coast' then ['seawall', 'seawall', 'lowland', 'dangerous_house', 'geology']
            when 'mountain'
                then ['geology', 'geology', 'flash_flood', 'flash_flood', 'dangerous_house']
            else ['lowland', 'lowland', 'dangerous_house', 'flash_flood', 'dangerous_house']
        end as risks
    from drawn
)
select
    household_no,
    code as division_code,
    round(lon + (v[2] - 500) / 8000.0 + (h[5] - 500) / 200000.0, 5) as lon,
    round(lat + (v[3] - 500) / 8000.0 + (h[6] - 500) / 200000.0, 5) as lat,
    surname[1 + h[1] % 16] || '某' || lpad((1 + h[2] % 99)::varchar, 2, '0') as head_name,
    name || (1 + h[3] % 200) || '号' as address,
    1 + h[3] % 5 as persons,
    h[4] < 250 as vulnerable,
    risks[1 + h[4] % 5] as risk_kind,
    case when h[2] < 350 then 'yellow' when h[2] < 800 then 'orange' else 'red' end as evacuate_from,
    surname[1 + v[4] % 16] || '某' || lpad((1 + v[5] % 99)::varchar, 2, '0') as helper_name,
    'SH' || township || '01' as shelter_no
from number
where v[1] < case land when 'plain' then 75 else 200 end and n <= 1 + v[2] % 6
order by household_no
