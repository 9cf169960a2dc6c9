"""Every question the doctor asks, in the order in which a reader wants the answers."""

from collections.abc import Callable, Iterator

from guantong.packages.doctor.questions import (
    actors,
    datasets,
    flows,
    forms,
    ids,
    indexes,
    indicators,
    kernel_range,
    levels,
    maturity,
    objects,
    parameters,
    personal_data,
    references,
    rights,
    roles,
    rules,
    samples,
    schema,
    separation,
    signals,
    uses,
    waits,
    words,
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
        references,
        uses,
        parameters,
        datasets,
        objects,
        samples,
        personal_data,
        signals,
        levels,
        rules,
        flows,
        waits,
        roles,
        rights,
        separation,
        forms,
        actors,
        indicators,
        indexes,
        words,
        maturity,
    )
}
