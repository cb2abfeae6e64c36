from eventdepth_core.evaluation.crops import (
    BottomCentreCrop,
    cropped_window,
    FractionCrop,
    PixelCrop,
)

NYU = FractionCrop(45, 471, 41, 601, of=(480.0, 640.0))


def test_whole_pixels_of_the_named_size_are_not_lost_to_rounding():
    assert NYU.window((480, 640)) == (slice(45, 471), slice(41, 601))
    assert NYU.window((240, 320)) == (slice(22, 235), slice(20, 300))


def test_a_bottom_centre_crop_keeps_the_lowest_rows_and_the_middle_columns():
    crop = BottomCentreCrop(352, 1216)

    assert crop.window((375, 1242)) == (slice(23, 375), slice(13, 1229))
    assert crop.window((100, 200)) == (slice(0, 100), slice(0, 200))


def test_crops_follow_one_another():
    crops = (BottomCentreCrop(100, 200), FractionCrop(0.1, 0.5, 0.25, 0.75))

    assert cropped_window(crops, (130, 220)) == (slice(40, 80), slice(60, 160))


def test_a_crop_ends_with_the_image():
    assert PixelCrop(bottom=260, right=345, left=1).window((180, 240)) == (
        slice(0, 180),
        slice(1, 240),
    )
    assert cropped_window((), (7, 9)) == (slice(0, 7), slice(0, 9))
