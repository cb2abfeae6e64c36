"""The exact triangulation against its definition and against qhull."""

from eventdepth_core.geometry.delaunay import delaunay_triangles, MAX_COORDINATE_PX
import numpy as np
import pytest
from scipy.spatial import ConvexHull, Delaunay


def pixels(mask):
    rows, columns = np.nonzero(mask)
    return np.stack([columns, rows], axis=1)


def random_pixels(num_points, size=(61, 83), seed=0):
    mask = np.zeros(size, np.bool_)
    chosen = np.random.default_rng(seed).choice(mask.size, num_points, replace=False)
    mask.ravel()[chosen] = True
    return pixels(mask)


def doubled_areas(xy, triangles):
    a, b, c = (xy[triangles[:, i]] for i in range(3))
    return (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])


def num_pixels_in_circles(xy, triangles):
    """Count pairs of a triangle and a pixel strictly inside its circumcircle, in integers."""
    count = 0
    for corners in triangles:
        shifted = xy[corners][None] - xy[:, None]  # (N, 3, 2)
        (ax, ay), (bx, by), (cx, cy) = (shifted[:, i].T for i in range(3))
        determinant = (
            (ax**2 + ay**2) * (bx * cy - by * cx)
            - (bx**2 + by**2) * (ax * cy - ay * cx)
            + (cx**2 + cy**2) * (ax * by - ay * bx)
        )
        count += int((determinant > 0).sum())
    return count


@pytest.mark.parametrize('num_points', [3, 4, 10, 150, 2500, 61 * 83])
def test_triangles_cover_the_hull_once_with_positive_turn(num_points):
    xy = random_pixels(num_points, seed=num_points)

    triangles = delaunay_triangles(xy)
    areas = doubled_areas(xy, triangles)

    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(2 * ConvexHull(xy).volume)
    assert set(triangles.ravel()) == set(range(num_points))


@pytest.mark.parametrize('num_points', [4, 60, 300])
def test_no_pixel_lies_inside_a_circumcircle(num_points):
    xy = random_pixels(num_points, seed=num_points)

    triangles = delaunay_triangles(xy)

    assert num_pixels_in_circles(xy, triangles) == 0


def test_triangles_equal_those_of_qhull_where_they_are_unique():
    xy = random_pixels(80, size=(1501, 2003), seed=5)

    ours = {tuple(sorted(corners)) for corners in delaunay_triangles(xy).tolist()}
    theirs = {tuple(sorted(corners)) for corners in Delaunay(xy).simplices.tolist()}

    assert ours == theirs


def test_a_full_grid_is_cut_into_two_triangles_a_cell():
    xy = pixels(np.ones((7, 11), np.bool_))

    triangles = delaunay_triangles(xy)

    assert len(triangles) == 2 * 6 * 10
    assert (doubled_areas(xy, triangles) == 1).all()


@pytest.mark.parametrize(
    'xy',
    [[], [[3, 4]], [[3, 4], [5, 4]], [[0, 0], [2, 1], [4, 2], [8, 4]], [[5, 0], [5, 3], [5, 9]]],
    ids=['none', 'one', 'two', 'sloping line', 'column'],
)
def test_fewer_than_three_or_collinear_pixels_give_no_triangle(xy):
    triangles = delaunay_triangles(np.array(xy, np.int64).reshape(-1, 2))

    assert triangles.shape == (0, 3)


@pytest.mark.parametrize('off_line', [[9, 5], [0, 9]])
def test_a_line_and_one_pixel_beside_it_make_a_fan(off_line):
    line = [[4 + i, 1 + 2 * i] for i in range(4)]
    xy = np.array(sorted([*line, off_line], key=lambda p: (p[1], p[0])), np.int64)

    triangles = delaunay_triangles(xy)

    assert len(triangles) == 3
    assert (doubled_areas(xy, triangles) > 0).all()


def test_the_largest_coordinates_do_not_overflow():
    far = MAX_COORDINATE_PX
    xy = np.array([[0, 0], [far, 0], [far // 2, far // 2], [0, far], [far, far]], np.int64)

    triangles = delaunay_triangles(xy)

    assert len(triangles) == 4
    assert num_pixels_in_circles(xy, triangles) == 0
