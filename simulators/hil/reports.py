"""What goes into the reports of a failed test: its wire trace, decoded, without secrets."""

from collections.abc import Sequence

import pytest

from drivers.trace_file import Sender, TraceRecord

TITLE = "wire trace"
ARROWS = {Sender.HOST: "->", Sender.DEVICE: "<-"}


def attach(item: pytest.Item, report: pytest.TestReport, trace: Sequence[TraceRecord]) -> None:
    """A section on the terminal, a property in JUnit XML, a text in the HTML report."""
    text = as_text(trace)
    report.sections.append((TITLE, text))
    item.user_properties.append((TITLE, text))
    if item.config.pluginmanager.has_plugin("html"):
        from pytest_html import extras

        # Where pytest-html looks for them; pytest's own report knows no such thing.
        vars(report)["extras"] = [*vars(report).get("extras", []), extras.text(text, name=TITLE)]


def as_text(trace: Sequence[TraceRecord]) -> str:
    """One line a message: seconds since the first one, port, direction, meaning, bytes."""
    start = trace[0].t
    return "\n".join(
        f"{record.t - start:9.3f}  {record.port:<15} {ARROWS[record.direction]} {record.note}  [{record.hex}]"
        for record in trace
    )
