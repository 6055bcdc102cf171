"""The stations in order, as plain functions without a scheduler: DAGs and the command line call the same ones."""

from pipeline.reconcile import acts_by_kind, reconcile
from pipeline.rule_activity import activity, activity_line
from pipeline.steps import CollectResult, collect, collected_campaigns, horizons, publish, timed
from pipeline.transform import TransformResult, transform

__all__ = [
    "CollectResult",
    "TransformResult",
    "activity",
    "activity_line",
    "acts_by_kind",
    "collect",
    "collected_campaigns",
    "horizons",
    "publish",
    "reconcile",
    "timed",
    "transform",
]
