"""Decide: who is eligible, how much activity, over several cycles."""

from hevesy.planning.activity import Outlook, Plan, activity_for_goal, largest_activity, outlook
from hevesy.planning.adapted import adapted_course
from hevesy.planning.advice import allowances, suggest
from hevesy.planning.course import Course, Cycle, make_course
from hevesy.planning.criteria import Criterion, Score, load_criteria
from hevesy.planning.eligibility import Findings, Region, Verdict, decide, overall, scored
from hevesy.planning.forecast import DeliveredCycle, DeliveredDose, Forecast, RegionForecast, check_apart
from hevesy.planning.limits import Limit

__all__ = [
    "Course", "Criterion", "Cycle", "DeliveredCycle", "DeliveredDose", "Findings", "Forecast", "Limit", "Outlook", "Plan",
    "Region", "RegionForecast", "Score", "Verdict", "activity_for_goal", "adapted_course", "allowances", "check_apart", "decide",
    "largest_activity", "load_criteria", "make_course", "outlook", "overall", "scored", "suggest",
]  # fmt: skip
