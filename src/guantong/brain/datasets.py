"""What an indicator may read of the record store: datasets cut to one realm and one reader.

Each package below gives its own rows as SQL with fixed columns; here they become table
expressions in front of an indicator's text, already cut to the rows the reader may see. So no
indicator can forget the cut. The text itself is a package's: it runs in a transaction that only
reads, for a limited time. Figures of one page may share one: the bounds are set once, and hold for
each of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from guantong.access.api import Rows
from guantong.base.errors import NotFound
from guantong.base.realm import Realm
from guantong.brain.errors import FigureStopped
from guantong.brain.indicator import table_name
from guantong.brain.signal import signals_of
from guantong.flows import api as flows
from guantong.registry.api import dataset_sql, object_types

# A page of figures is looked at while it is built; what takes longer is a fault of its package.
MOST_SECONDS = 15
# Whether what runs now stands in a transaction that is bounded already.
_together: ContextVar[bool] = ContextVar("figures_together", default=False)

_ALERTS = """
    select id, package, signal, matter, division_code, level, highest_level, state, opened_at,
        changed_at, closed_at, case_id, feedback
    from brain_alert where realm = %(realm)s
"""


def record_datasets(package: str) -> Mapping[str, str]:
    """Return the SQL of every dataset of the record store that a package may read, by id."""
    found = {**flows.DATASETS, "brain.alert": _ALERTS}
    for signal in signals_of(package):
        kept = "".join(f", (facts ->> '{c}')::double precision as {c}" for c in signal.keep)
        found[signal.id] = (
            f"select matter, division_code, level, at as heard_at{kept} from brain_signal"  # noqa: S608
            f" where realm = %(realm)s and signal = '{signal.id}'"
        )
    found |= flows.datasets_of_processes(package)
    for type in object_types():
        found[type.id] = dataset_sql(type)
    return found


def run(
    package: str,
    sql: str,
    datasets: Iterable[str],
    *,
    realm: Realm,
    rows: Rows,
    now: datetime,
    most: int | None = None,
) -> list[dict[str, Any]]:
    """Run a PostgreSQL text over datasets cut to ``rows``; return its rows by column name."""
    known = record_datasets(package)
    values: dict[str, Any] = {"realm": realm, "now": now}
    expressions = []
    for id in datasets:
        if id not in known:
            raise NotFound(what=id)
        predicate, parameters = rows.sql("division_code")
        for number, value in enumerate(parameters):
            values[f"row{number}"] = value
            predicate = predicate.replace("%s", f"%(row{number})s", 1)
        expressions.append(
            f"{table_name(id)} as (select * from ({known[id]}) as whole where {predicate})"  # noqa: S608
        )
    text = f"with {', '.join(expressions)} select * from ({sql}) as answer"  # noqa: S608
    if most is not None:
        text += f" limit {int(most)}"
    try:
        with bounded() as cursor:
            cursor.execute(text, values)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    except OperationalError as lost:
        if isinstance(lost.__cause__, QueryCanceled):
            raise FigureStopped(package=package, seconds=MOST_SECONDS) from None
        raise


@contextmanager
def together() -> Iterator[None]:
    """Let all figures asked in the block share one bounded transaction: one question for each.

    Nothing in the block can write. The time is that of each statement, as without it.
    """
    with bounded():
        before = _together.set(True)
        try:
            yield
        finally:
            _together.reset(before)


@contextmanager
def bounded() -> Iterator[Any]:
    """Have a cursor whose statements are foreign: they read, and end after some seconds."""
    if _together.get():
        with connection.cursor() as cursor:
            yield cursor
        return
    within = connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "select current_setting('statement_timeout'),"
            " set_config('statement_timeout', %s, true),"
            " set_config('transaction_read_only', 'on', true)",
            [f"{MOST_SECONDS}s"],
        )
        before = cursor.fetchone()[0]
        yield cursor
        if within:
            # What follows in the same transaction is ours again.
            cursor.execute("select set_config('statement_timeout', %s, true)", [before])
