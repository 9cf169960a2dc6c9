-- Tasks of this application past their limit and not yet done. The rows of "evidence" are shown behind the figure.
with evidence as (
    select id, division_code from {{ dataset('flows.task') }} where package = 'starter' and overdue
)
select count(*) as value
from evidence
