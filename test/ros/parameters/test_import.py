import subprocess
import sys

CODE = """
import sys
class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {'rclpy', 'rcl_interfaces'}:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Refusing())
import eventdepth_ros.parameters.__main__
from eventdepth_ros.parameters.tables import NODES_WITH_TABLES, table_of
for node in NODES_WITH_TABLES:
    table_of(node)
"""


def test_tables_can_be_read_without_ros():
    done = subprocess.run(
        [sys.executable, '-c', CODE], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
