-- Of the problems on the lists, how many the area found itself, before a higher level had to.
-- A problem left off the lists is nobody's merit and nobody's fault.
with holder as (
    select case_id, cast(unit_id as varchar) as unit_id, unit_name,
        row_number() over (partition by case_id order by sent_at desc) as nth
    from {{ dataset('flows.task') }}
    where package = 'problem_lists' and item = 'rectify'
),
evidence as (
    select p.id as case_id, p.number, p.division_code, h.unit_id, h.unit_name, p.found_by,
        p.opened_at, p.opened_at as counted_at
    from {{ dataset('problem_lists.problem') }} p
    left join holder h on h.case_id = p.id and h.nth = 1
    where p.on_list = 'yes'
)
select 100.0 * count(*) filter (where found_by = 'own') / nullif(count(*), 0) as value
from evidence
