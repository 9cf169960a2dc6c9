with newest as (select * from {{ dataset('river.level') }})
select station_id, '330000000000' as division_code, read_at, level_m as rise_m from newest
