from dataclasses import replace

import cv2
from eventdepth_core.report.figures import contact_sheet, frame_scales, latency_chart, rate_chart
from eventdepth_core.report.summary import RateSeries
import numpy as np
import pytest


def decoded(png):
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


def test_the_sheet_shows_depth_and_deviation_and_is_not_blank(frames):
    sheet = decoded(contact_sheet(frames))

    colours = np.unique(sheet.reshape(-1, 3), axis=0)
    assert len(colours) > 200


def test_the_sheet_has_a_reference_column_only_where_there_is_a_reference(frames):
    without = [frame for frame in frames if frame.target_m is None]

    assert decoded(contact_sheet(frames)).shape[1] > decoded(contact_sheet(without)).shape[1]


def test_reference_and_depth_share_one_scale(frames):
    depth, std = frame_scales(frames)

    everything = np.concatenate(
        [f.depth_m.ravel() for f in frames] + [f.target_m.ravel() for f in frames[1:2]]
    )
    low, high = np.nanpercentile(everything, (2, 98))
    assert (depth.low_m, depth.high_m) == pytest.approx((low, high))
    assert std.high_m < depth.high_m


def test_equal_frames_give_equal_bytes(frames):
    assert contact_sheet(frames) == contact_sheet(frames)


def test_wide_frames_are_stacked_two_to_a_line(frames):
    wide = replace(
        frames[0],
        inputs=np.full((40, 160, 3), 90, np.uint8),
        depth_m=np.full((40, 160), 3.0, np.float32),
        std_m=np.full((40, 160), 0.3, np.float32),
    )

    sheet = decoded(contact_sheet([wide]))

    shown = (sheet == 90).all(axis=-1)
    width_of_panel = shown.sum(axis=1).max()
    assert 0.4 < width_of_panel / sheet.shape[1] < 0.5


@pytest.mark.parametrize(
    ('draw', 'nothing'), [(contact_sheet, []), (rate_chart, RateSeries()), (latency_chart, [])]
)
def test_nothing_to_show_still_gives_a_picture(draw, nothing):
    assert decoded(draw(nothing)).min() < 200


def test_charts_of_one_value_are_drawn():
    assert decoded(rate_chart(RateSeries(0.01, np.array([5])))).size > 0
    assert decoded(latency_chart([12.5])).size > 0
