# SPDX-License-Identifier: Apache-2.0
"""Agreement terms: the machine-readable meaning of a version, its schedules' questions and the answers to them."""

from mcla.terms.changes import Change, Comparison
from mcla.terms.compare import compare_versions
from mcla.terms.declarations import DeclarationsInvalid, check_declarations
from mcla.terms.kinds import KINDS, LETTERS, Kind, Letter, Standard, kinds_of, schedule_letter
from mcla.terms.rows import SHAPES, Option
from mcla.terms.schedule import Field, Schedule, ScheduleInvalid, When, parse_schedule
from mcla.terms.terms import TermsInvalid, parse_terms, schedules_of
from mcla.terms.vocabulary import Terms

__all__ = [
    "KINDS",
    "LETTERS",
    "SHAPES",
    "Change",
    "Comparison",
    "DeclarationsInvalid",
    "Field",
    "Kind",
    "Letter",
    "Option",
    "Schedule",
    "ScheduleInvalid",
    "Standard",
    "Terms",
    "TermsInvalid",
    "When",
    "check_declarations",
    "compare_versions",
    "kinds_of",
    "parse_schedule",
    "parse_terms",
    "schedule_letter",
    "schedules_of",
]
