-- Steps and self-checks past their limit, whoever holds them.
with evidence as (
    select id, division_code, unit_name, item, state, limit_at, supervised_at
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and overdue
)
select count(*) as value from evidence
