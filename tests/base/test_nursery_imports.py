"""What every process of `jiedan serve` has in memory from its start, and what it must not have."""

import subprocess
import sys

NOT_LOADED = (
    # Nobody's: a terminal's, or another way to do what msgspec and dataclasses do here.
    *("alembic", "cyclopts", "pydantic", "pydantic_settings", "rich"),
    # Loaded by base/lazy.py with the first picture, workbook, Chinese word, passkey, sealed secret or file.
    *("PIL", "charset_normalizer", "cryptography", "pypinyin", "python_calamine", "rjieba", "webauthn"),
    *("xlsxwriter", "zxingcpp"),
    # Ours, for single commands.
    *("jiedan.cli", "jiedan.demo", "jiedan.migrations", "jiedan.torture"),
)
"""What P10 leaves no room for: each is megabytes in every process."""


def test_serving_processes_begin_without_what_few_of_them_need() -> None:
    program = (
        "import sys; from jiedan.base import nursery; nursery.load(['jiedan.app', 'jiedan.worker']);"
        " assert 'jiedan.wiring' in sys.modules;"
        f" print([name for name in {NOT_LOADED} if sys.modules.get(name)])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
