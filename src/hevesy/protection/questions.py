"""Questions that have to be asked before an exposure of somebody who may be pregnant or breast-feed."""

from datetime import date

from hevesy.errors import InputError
from hevesy.tables import DatedRow, dated_rows, in_force

TOPICS = ("pregnancy", "breastfeeding")


def questions(topic: str, on: date) -> tuple[DatedRow, ...]:
    """The questions of a topic that hold on a day; column ``question``.

    The Directive asks for the inquiry and for special attention to justification, urgency and optimisation; the words of
    the questions are ours (Council Directive 2013/59/Euratom, articles 55 and 62).
    """
    if topic not in TOPICS:
        raise InputError(f"questions: got {topic!r}; allowed are {', '.join(TOPICS)}. Write one of them.")
    rows = dated_rows("hevesy.protection", "exposure_questions")
    return in_force([row for row in rows if row["topic"] == topic], on)
