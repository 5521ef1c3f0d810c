"""The command `crm`: one file per command in this folder; the file's name is the command's."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from engine.errors import CrmError

_HERE = Path(__file__).parent


class _Commands(click.Group):
    """Commands are imported when they are called, so that `crm validate` does not wait for the web's libraries."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(path.stem.rstrip("_").replace("_", "-") for path in _HERE.glob("[a-z]*.py"))

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        stem = name.replace("-", "_")
        for file in (stem, f"{stem}_"):  # `import` is a word of Python's, so its file is import_.py
            if (_HERE / f"{file}.py").exists():
                return import_module(f"engine.cli.{file}").command
        return None

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except CrmError as error:
            raise click.ClickException(error.message) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="crm-engine")
def main() -> None:
    """A CRM made from five YAML files. SET is a folder with them; without it, the current folder."""
