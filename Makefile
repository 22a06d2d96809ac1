# ComCEP. `make run` starts a site to try, `make test` checks everything; the rest is listed by `make help`.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
FLASK := $(VENV)/bin/flask --app wsgi
PYTEST := $(VENV)/bin/python -m pytest
export PYTHONPATH := $(CURDIR)

.DEFAULT_GOAL := help

.PHONY: help
help:  ## Affiche cette liste
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# --- environment ---------------------------------------------------------------------------------------------------

# A stamp per lock file: the environment follows the lock, and is left alone while the lock does not change.
$(VENV)/run.stamp: requirements.txt
	@$(PYTHON) -m venv $(VENV) || { echo "Il manque le module venv : apt-get install python3-venv"; exit 1; }
	@echo "Installation des dépendances…"
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: tools
tools: $(VENV)/dev.stamp  ## Installe ce qu'il faut aux tests : environnement, Chromium, base PostgreSQL
	@tests/set-up

# --- running -------------------------------------------------------------------------------------------------------

.PHONY: run
run: $(VENV)/run.stamp  ## Démarre le site (démonstration au premier démarrage) ; Ctrl-C l'arrête
	@exec $(FLASK) serve --demo

.PHONY: serve
serve: $(VENV)/run.stamp  ## Démarre le site sans charger de démonstration
	@exec $(FLASK) serve

# --- checks --------------------------------------------------------------------------------------------------------

.PHONY: lint
lint: $(VENV)/dev.stamp  ## Format, style, types, règles d'import, gabarits
	$(VENV)/bin/ruff format --check comcep tests migrations wsgi.py
	$(VENV)/bin/ruff check comcep tests migrations wsgi.py
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

.PHONY: format
format: $(VENV)/dev.stamp  ## Met le code en forme
	$(VENV)/bin/ruff format comcep tests migrations wsgi.py
	$(VENV)/bin/ruff check --fix comcep tests migrations wsgi.py

.PHONY: test
test: tools lint  ## Tout ce qui se vérifie en un quart d'heure environ
	$(PYTEST) -n 2 --dist worksteal -m "not long" tests

.PHONY: test-long
test-long: tools  ## Ce qui prend plus longtemps : arrêts brutaux, grandes propriétés, attaques
	COMCEP_LONG=1 $(PYTEST) -n 2 --dist worksteal -m long tests

.PHONY: mutate
mutate: tools  ## Règles retirées une à une : combien un test en remarque
	$(VENV)/bin/python -m tests.mutation

.PHONY: bench
bench: tools  ## Mesures : débit à côté d'une application nue, recherche, mémoire
	$(VENV)/bin/python -m tests.benchmarks

.PHONY: bench-search
bench-search: tools  ## Ce que la recherche trouve : les deux moteurs à côté de Whoosh et de PostgreSQL tels quels
	$(VENV)/bin/python -m tests.benchmarks.quality

.PHONY: bench-constants
bench-constants: tools  ## Chaque constante du classement déplacée seule, et ce que la recherche trouve alors
	$(VENV)/bin/python -m tests.benchmarks.constants

.PHONY: bench-million
bench-million: tools  ## La recherche sur un million de messages, PostgreSQL (une demi-heure)
	$(VENV)/bin/python -m tests.benchmarks.speed

.PHONY: bench-themes
bench-themes: tools  ## Comment les thèmes sont reconnus, à côté de méthodes simples
	$(VENV)/bin/python -m tests.benchmarks.themes

.PHONY: bench-anonymity
bench-anonymity: tools  ## Les attaques contre la synthèse, sur mille communautés (une demi-heure)
	$(VENV)/bin/python -m tests.benchmarks.anonymity

.PHONY: bench-digest
bench-digest: tools  ## Le calcul d'une synthèse sur deux millions de messages
	$(VENV)/bin/python -m tests.benchmarks.digest

.PHONY: screenshots
screenshots: tools  ## Captures de chaque page (téléphone, bureau, clair, sombre) dans build/captures
	$(VENV)/bin/python -m tests.browser.captures

# Its own environment: PyTorch is no part of what tests or the site need.
.PHONY: teach-sentences
teach-sentences:  ## Apprend au modèle de phrases le français du métier (une demi-heure), dans build/sentence-model.bin
	@$(PYTHON) -m venv build/teach
	@build/teach/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@build/teach/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0
	build/teach/bin/python -m tests.sentences.teaching

# --- upkeep --------------------------------------------------------------------------------------------------------

.PHONY: lock
lock:  ## Refait les fichiers de versions à partir de pyproject.toml
	@$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet pip-tools
	build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links --no-emit-options --output-file requirements.txt pyproject.toml
	build/lock/bin/pip-compile --quiet --allow-unsafe --generate-hashes --strip-extras --no-emit-index-url --no-emit-trusted-host \
		--no-emit-find-links --no-emit-options --extra dev --output-file requirements-dev.txt pyproject.toml
