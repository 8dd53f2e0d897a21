"""Walk the big enumerations whole and write docs/reference/proof.json: commit, counts, time."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROOF = ROOT / "docs" / "reference" / "proof.json"


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout.strip()


def main() -> int:
    """Run the tests marked `proof`; write the file only when they pass."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.jsonl"
        environment = {**os.environ, "JIEDAN_PROOF_REPORT": str(report)}
        command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-m", "proof", "tests"]
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        if code:
            return code
        lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    proof = {
        "commit": _git("rev-parse", "HEAD"),
        "changed": bool(_git("status", "--porcelain", "--", "src", "tests")),
        "python": platform.python_version(),
        "cases": sum(line["cases"] for line in lines),
        "seconds": round(time.monotonic() - start, 1),
        "enumerations": sorted(lines, key=lambda line: str(line["name"])),
    }
    PROOF.parent.mkdir(parents=True, exist_ok=True)
    PROOF.write_text(json.dumps(proof, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{proof['cases']} cases in {proof['seconds']} s: {PROOF.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
