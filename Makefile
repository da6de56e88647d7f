# Every command of the project. `make` alone lists them.
.PHONY: help setup test slow gpu lint format schema reference constraints bench build clean

help:  ## list these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup:  ## install everything that the tests need
	pip install -e ".[dev]"

test:  ## the fast tests
	python -m pytest

slow:  ## also what takes minutes or a real server
	python -m pytest -m "slow"

gpu:  ## what needs a CUDA device
	python -m pytest -m "gpu"

lint:  ## ruff, vulture, import-linter and pyright, as in CI
	ruff check . && ruff format --check . && vulture && lint-imports && pyright

format:  ## rewrite in the house style
	ruff check --fix . && ruff format .

schema:  ## export the plan's JSON Schema to prompts/schema/
	python -m storyboard.plan.schema

reference:  ## write docs/cli.md from the commands
	python -m storyboard.cli.reference

constraints:  ## resolve constraints.txt anew (newest releases within the bounds) and make films with it
	python -m uv pip compile --quiet --universal --upgrade --python-version 3.11 --extra dev --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make constraints" pyproject.toml -o constraints.txt
	.ci/film python tested

bench:  ## whole runs, measured as ratios
	python -m benchmarks.pipeline

build:  ## the wheel and the source archive, into dist/
	pip install --quiet build && python -m build

clean:  ## what tests and builds leave behind
	rm -rf build dist .pytest_cache .ruff_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
