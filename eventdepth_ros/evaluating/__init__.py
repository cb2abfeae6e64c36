"""
Predicted depth of a running graph against a reference topic; free of ROS.

Laws: memory is bounded however long the graph runs; without a single pair the results say why.

"""

from eventdepth_ros.evaluating.evaluation import Evaluation, EvaluationOptions, FrameMetrics
from eventdepth_ros.evaluating.results import ResultFiles

__all__ = ['Evaluation', 'EvaluationOptions', 'FrameMetrics', 'ResultFiles']
