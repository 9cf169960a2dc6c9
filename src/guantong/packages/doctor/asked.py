"""Every question the doctor asks, in the order in which a reader wants the answers."""

from collections.abc import Callable, Iterator

from guantong.packages.doctor.questions import (
    actors,
    cycles,
    datasets,
    flows,
    forms,
    goals,
    ids,
    indexes,
    indicators,
    kernel_range,
    levels,
    maturity,
    migrations,
    needs,
    objects,
    order,
    parameters,
    personal_data,
    references,
    rights,
    roles,
    rules,
    samples,
    scenarios,
    schema,
    separation,
    sharing,
    signals,
    sql,
    tiers,
    uses,
    waits,
    words,
    work_units,
)
from guantong.packages.doctor.subject import Subject
from guantong.packages.findings import Finding

Question = Callable[[Subject], Iterator[Finding]]

QUESTIONS: dict[str, Question] = {
    module.__name__.rpartition(".")[2]: module.check
    for module in (
        schema,
        ids,
        kernel_range,
        goals,
        work_units,
        needs,
        references,
        uses,
        cycles,
        parameters,
        datasets,
        objects,
        sharing,
        samples,
        personal_data,
        signals,
        levels,
        rules,
        flows,
        order,
        waits,
        migrations,
        roles,
        tiers,
        rights,
        separation,
        forms,
        actors,
        scenarios,
        indicators,
        sql,
        indexes,
        words,
        maturity,
    )
}
