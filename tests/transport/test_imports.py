import subprocess
import sys


def test_the_compiler_is_loaded_by_the_first_simulation_only():
    code = "import sys, hevesy.transport; print('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
