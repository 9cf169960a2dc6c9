-- Of the self-checks given out that are done or overdue, how many were done within their limit (举一反三).
-- They count for the unit whose problem set them off.
with holder as (
    select case_id, cast(unit_id as varchar) as unit_id, unit_name,
        row_number() over (partition by case_id order by sent_at desc) as nth
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and item = 'rectify'
),
evidence as (
    select t.id, t.case_id, t.division_code, h.unit_id, h.unit_name, t.completed_at, t.limit_at,
        coalesce(t.completed_at, t.limit_at) as counted_at
    from {{ dataset('flows.task') }} t
    left join holder h on h.case_id = t.case_id and h.nth = 1
    where t.package = 'problem_lists' and t.item = 'check_itself'
        and t.state <> 'withdrawn' and (t.completed_at is not null or t.overdue)
)
select 100.0 * count(*) filter (where completed_at <= limit_at) / nullif(count(*), 0) as value
from evidence
