-- Of the second looks after the watch, how many found the problem still mended.
-- A relapse is seen in what follows: the rectification that begins again.
with holder as (
    select case_id, cast(unit_id as varchar) as unit_id, unit_name,
        row_number() over (partition by case_id order by sent_at desc) as nth
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and item = 'rectify'
),
again as (
    select case_id, max(sent_at) as sent_at
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and item = 'rectify'
    group by case_id
),
evidence as (
    select t.id, t.case_id, t.division_code, h.unit_id, h.unit_name, t.completed_at,
        case when g.sent_at >= t.completed_at then 'relapsed' else 'mended' end as outcome,
        t.completed_at as counted_at
    from {{ dataset('flows.task') }} t
    left join holder h on h.case_id = t.case_id and h.nth = 1
    left join again g on g.case_id = t.case_id
    where t.package = 'problem_lists' and t.item = 'look_again' and t.completed_at is not null
)
select 100.0 * count(*) filter (where outcome = 'mended') / nullif(count(*), 0) as value
from evidence
