"""The pipeline from sensor messages to depth: `DepthPipeline`, its options and its counts."""

from eventdepth_core.pipeline.depth_pipeline import DepthPipeline
from eventdepth_core.pipeline.options import PipelineCounts, PipelineOptions

__all__ = ['DepthPipeline', 'PipelineCounts', 'PipelineOptions']
