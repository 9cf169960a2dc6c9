with evidence as (select id, division_code from {{ dataset('flows.task') }} where overdue)
select count(*) as value from evidence
