"""What the wheel holds beyond engine/: the base set's YAML, and the built style sheets, scripts, fonts and icons."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BASE_SET = [
    "crm.yaml", "entities.yaml", "workflows.yaml", "roles.yaml", "notifications.yaml", "reports.yaml",
    "imports", "demo", "templates", "translations",
]  # fmt: skip


class CustomBuildHook(BuildHookInterface):
    def dependencies(self) -> list[str]:
        assets = self.assets()
        return [assets.NODE_PACKAGE] if assets.needs_node_package() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        assets = self.assets()
        if assets.is_stale():
            assets.build()
        if version != "editable":
            build_data["force_include"].update(self.base_set())

    # A checkout uses its root; an installed package has no root, so the same files lie in it as engine/base.
    def base_set(self) -> dict[str, str]:
        root = Path(self.root)
        return {str(root / name): f"engine/base/{name}" for name in BASE_SET if (root / name).exists()}

    # By its path: the package itself, and what it needs, is not installed while it is being built.
    def assets(self) -> ModuleType:
        path = Path(self.root) / "engine" / "web" / "assets" / "__main__.py"
        spec = importlib.util.spec_from_file_location("engine_assets", path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
