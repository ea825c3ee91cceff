"""The cohort reading: the one form over millions of cases as columns.

``Cohort.screen`` takes a part of a table, headed by the paths of findings, and gives two rows a
case and the rows that it refuses. ``screen_batches`` is the same over Arrow record batches, which
is what Spark's ``mapInArrow`` asks for.
"""

from screening.cohort.arrow import output_schema, screen_batches
from screening.cohort.compiled import Cohort, Screened
from screening.cohort.one_by_one import SaidOfCase, rows_of, said_of
from screening.cohort.rows import Key, key

__all__ = [
    "Cohort",
    "Key",
    "SaidOfCase",
    "Screened",
    "key",
    "output_schema",
    "rows_of",
    "said_of",
    "screen_batches",
]
