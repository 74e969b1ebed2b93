"""Questions before an exposure."""

from datetime import date

import pytest

from hevesy.errors import InputError, ScopeError
from hevesy.protection.questions import TOPICS, questions


@pytest.mark.parametrize("topic", TOPICS)
def test_each_topic_asks_and_cites_the_directive(topic: str):
    rows = questions(topic, date(2026, 1, 1))
    assert len(rows) == 4
    assert all(row["question"].endswith("?") and "Art. " in row.page and row.verified for row in rows)


def test_refusals():
    with pytest.raises(InputError, match="allowed are pregnancy, breastfeeding"):
        questions("age", date(2026, 1, 1))
    with pytest.raises(ScopeError, match="holds from 2014"):
        questions("pregnancy", date(2000, 1, 1))
