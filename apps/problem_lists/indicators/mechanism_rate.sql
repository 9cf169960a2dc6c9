-- Of the problems whose prevention was reported, how many left a mechanism behind: a rule, a model or a threshold.
with holder as (
    select case_id, cast(unit_id as varchar) as unit_id, unit_name,
        row_number() over (partition by case_id order by sent_at desc) as nth
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and item = 'rectify'
),
prevented as (
    select case_id, max(completed_at) as completed_at
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and item = 'prevent' and completed_at is not null
    group by case_id
),
evidence as (
    select p.id as case_id, p.number, p.division_code, h.unit_id, h.unit_name, p.mechanism,
        r.completed_at as counted_at
    from prevented r
    join {{ dataset('problem_lists.problem') }} p on p.id = r.case_id
    left join holder h on h.case_id = r.case_id and h.nth = 1
)
select 100.0 * count(*) filter (where mechanism <> 'none') / nullif(count(*), 0) as value
from evidence
