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

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """From each file's first line, unread beyond it: the whole list is there before one command could be loaded."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _about(name)) for name in self.list_commands(context)])

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except CrmError as error:
            raise click.ClickException(error.message) from error


def _about(name: str) -> str:
    """What the first line of its file says after the colon."""
    stem = name.replace("-", "_")
    file = next(path for path in (_HERE / f"{stem}.py", _HERE / f"{stem}_.py") if path.exists())
    with file.open(encoding="utf-8") as lines:
        said = next(lines).strip().strip('"').partition(": ")[2]
    return said[:1].upper() + said[1:]


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="crm-engine")
def main() -> None:
    """A CRM made from five YAML files. SET is a folder with them; without it, the current folder."""
