"""Writes the demo stories of the shipped sets: `python -m tests.demo.make_stories`. The same seed gives the same story."""

from __future__ import annotations

from pathlib import Path

from tests.demo import raalink, rsoft

SETS = Path(__file__).parents[2] / "config"
STORIES = {"rsoft": rsoft.story, "raalink": raalink.story}


def main() -> None:
    for name, story in STORIES.items():
        story().write(SETS / name / "demo/story.jsonl")


if __name__ == "__main__":
    main()
