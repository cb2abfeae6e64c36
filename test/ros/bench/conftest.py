"""The modules of the benchmarks, which are scripts beside each other and no package."""

from pathlib import Path
import sys

sys.path.append(str(Path(__file__).resolve().parents[2] / 'bench'))
