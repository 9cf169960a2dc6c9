"""The front door of ``guantong.brain``."""

from guantong.brain.datasets import record_datasets, run
from guantong.brain.figure import (
    Figure,
    by_division,
    drop_indicators,
    evidence,
    figure,
    indicator,
    indicators,
    register_indicator,
)
from guantong.brain.indicator import Indicator, datasets_read, record_sql
from guantong.brain.queries import (
    AlertView,
    SignalView,
    alert_of_case,
    alerts,
    levels_over_time,
    signal_count,
    signals_of_matter,
    unended,
)
from guantong.brain.service import end_due, next_due, on_batch_landed, on_case_closed
from guantong.brain.signal import (
    SignalKind,
    register_signal,
    signal_kind,
    signals_of,
    silence_signals,
)

__all__ = [
    "AlertView", "Figure", "Indicator", "SignalKind", "SignalView", "alert_of_case", "alerts",
    "by_division", "datasets_read", "drop_indicators", "end_due", "evidence", "figure",
    "indicator", "indicators",
    "levels_over_time", "next_due", "on_batch_landed", "on_case_closed", "record_datasets",
    "record_sql", "register_indicator", "register_signal", "run", "signal_count", "signal_kind",
    "signals_of", "signals_of_matter", "silence_signals", "unended",
]  # fmt: skip
