-- Of the rectifications done or overdue, how many were reported done within their limit.
-- One still under way within its limit is not judged yet.
with evidence as (
    select id, case_id, division_code, cast(unit_id as varchar) as unit_id, unit_name, sent_at, limit_at,
        completed_at, coalesce(completed_at, limit_at) as counted_at
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and item = 'rectify' and (completed_at is not null or overdue)
)
select 100.0 * count(*) filter (where completed_at <= limit_at) / nullif(count(*), 0) as value
from evidence
