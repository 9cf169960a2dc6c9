-- Major problems on the lists that a higher level had to find: hidden, or not looked for.
with holder as (
    select case_id, cast(unit_id as varchar) as unit_id, unit_name,
        row_number() over (partition by case_id order by sent_at desc) as nth
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and item = 'rectify'
),
evidence as (
    select p.id as case_id, p.number, p.division_code, h.unit_id, h.unit_name, p.grade, p.found_by,
        p.opened_at as counted_at
    from {{ dataset('problem_lists.problem') }} p
    left join holder h on h.case_id = p.id and h.nth = 1
    where p.on_list = 'yes' and p.grade = 'major' and p.found_by = 'upper'
)
select count(*) as value from evidence
