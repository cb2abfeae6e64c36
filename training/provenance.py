"""Where a result comes from: the commit of the code."""

from pathlib import Path
import subprocess


def source_commit() -> str:
    """Return the short commit of this checkout, `unknown` outside of one."""
    try:
        answer = subprocess.run(
            ['git', 'rev-parse', '--short', 'HEAD'],
            capture_output=True,
            text=True,
            check=False,
            cwd=Path(__file__).parent,
        )
    except OSError:
        return 'unknown'
    return answer.stdout.strip() or 'unknown'
