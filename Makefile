# What ./run and ./test do not cover. `make` alone lists it.
PY = .venv/bin/python

help:
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

check: ## lint, types, and packages that are named but not used (or the reverse)
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/deptry engine

assets: ## style sheets, scripts, icons and fonts, made anew (seconds)
	$(PY) engine/web/assets

bench: ## repeatable measurements against the hand-written application
	$(PY) -m bench

soak: ## the long tests: whole data files, many random examples
	$(PY) -m pytest -m soak --hypothesis-profile soak

docs: ## docs/reference, generated from schema and parts
	$(PY) -m engine docs

words: ## the catalogues in engine/words, brought up to date with what templates, screens, doors and scripts say
	$(PY) -m engine.words

locks: ## requirements/*.txt, written anew from pyproject.toml
	requirements/lock

clean: ## all that is made, but the virtual environment and data/
	rm -rf build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis engine/web/static/built engine/web/assets/node_modules
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.PHONY: help check assets bench soak docs words locks clean
