"""
The view of ground truth that was rectified: as messages a camera of its own, turned on the spot.

Law: what `view_frame` and a CameraInfo beside the depth tell is what `rectified_view` reads back.

"""

from collections.abc import Mapping

from eventdepth_core.recordings.recording import StreamName, StreamSummary
from eventdepth_core.recordings.rig_assembly import between, camera_of, RigParts
from eventdepth_core.types import Rectification, Rig
import numpy as np

MAX_SHIFT_M = 1e-9


def view_frame(
    rig: Rig | None, streams: Mapping[StreamName, StreamSummary], events_frame: str
) -> str | None:
    """Return the frame of depth in a rectified view, None where depth is in none."""
    depth = streams.get('depth')
    if rig is None or rig.rectification is None or depth is None or 'events' not in streams:
        return None
    is_own = depth.frame_id not in ('', events_frame)
    return depth.frame_id if is_own else f'{events_frame}_rect'


def rectified_view(parts: RigParts) -> Rectification | None:
    """Return the view of the depth if that is the event camera, turned and without distortion."""
    event, view = camera_of('events', parts), camera_of('depth', parts)
    if event is None or view is None or view.camera.is_distorted:
        return None
    image = parts.streams.get('image')
    if view.frame_id in (event.frame_id, '' if image is None else image.frame_id):
        return None
    view_from_event = between(parts.transforms, view.frame_id, event.frame_id)
    if view_from_event is None or np.abs(view_from_event[:3, 3]).max() > MAX_SHIFT_M:
        return None
    return Rectification(rotation=view_from_event[:3, :3], camera=view.camera)
