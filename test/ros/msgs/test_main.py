"""`python -m eventdepth_ros.msgs build`."""

from eventdepth_ros.msgs.__main__ import main
import pytest


def test_a_target_holds_the_module_its_libraries_and_its_description(built):
    names = {path.relative_to(built).as_posix() for path in built.rglob('*') if path.is_file()}

    assert 'event_camera_msgs/msg/_event_packet.py' in names
    assert 'share/event_camera_msgs/msg/EventPacket.json' in names
    assert sum(name.endswith('.so') for name in names) == 3
    assert not any(name.endswith(('.c', '.o')) for name in names)


def test_a_failed_build_is_one_line_and_status_one(monkeypatch, capsys, tmp_path):
    pytest.importorskip('rclpy', reason='no ROS 2 here')
    monkeypatch.setenv('CXX', '/no/such/compiler')

    status = main(['build', 'tf2_msgs', '--target', str(tmp_path / 'target')])

    assert status == 1
    assert "got no '/no/such/compiler'" in capsys.readouterr().err
    assert not (tmp_path / 'target').exists()


def test_what_is_installed_is_not_built(asking, built):
    code = "from eventdepth_ros.msgs.__main__ import main; main(['build', 'event_camera_msgs'])"

    status, output, errors = asking.run(code=code, PYTHONPATH=str(built))

    assert status == 0, errors
    assert output.endswith(f'installed in {built / "event_camera_msgs"}; nothing to build')
    assert not asking.builds
