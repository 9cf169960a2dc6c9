-- Problems on the lists that are not closed: stock, by the list they are on.
with evidence as (
    select id as case_id, number, division_code, list, grade, found_by, opened_at
    from {{ dataset('problem_lists.problem') }}
    where state = 'open' and (on_list is null or on_list = 'yes')
)
select count(*) as value from evidence
