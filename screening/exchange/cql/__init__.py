"""The rule base as libraries of Clinical Quality Language (CQL), for other people's engines.

The two faces of a premise are CQL's own three-valued logic: true is must, false is not may, null is
unknown. ``logic`` writes the flat form, ``intake`` what answers answer beside themselves.
"""

from screening.exchange.cql.logic import logic_library
from screening.exchange.cql.raw_answers import intake_library

__all__ = ["intake_library", "logic_library"]
