-- Of the problems accepted, how many were accepted the first time, without being returned.
-- Looked at up to the first acceptance: what follows a relapse is counted by the relapse.
with holder as (
    select case_id, cast(unit_id as varchar) as unit_id, unit_name,
        row_number() over (partition by case_id order by sent_at desc) as nth
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and item = 'rectify'
),
accepted as (
    select case_id, min(sent_at) as accepted_at
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and item = 'prevent'
    group by case_id
),
looks as (
    select t.case_id, count(*) as times
    from {{ dataset('flows.task') }} t
    join accepted a on a.case_id = t.case_id
    where t.package = 'problem_lists' and t.item = 'accept_it' and t.sent_at <= a.accepted_at
    group by t.case_id
),
evidence as (
    select p.id as case_id, p.number, p.division_code, h.unit_id, h.unit_name, l.times,
        a.accepted_at as counted_at
    from accepted a
    join {{ dataset('problem_lists.problem') }} p on p.id = a.case_id
    join looks l on l.case_id = a.case_id
    left join holder h on h.case_id = a.case_id and h.nth = 1
)
select 100.0 * count(*) filter (where times = 1) / nullif(count(*), 0) as value
from evidence
