# Everything a developer, a server and CI need. `make help` lists it.
# POSIX make and sh; uv is used when it is on PATH, otherwise venv and pip.

.POSIX:
.SILENT:
.PHONY: help install setup demo test check bench crash chaos crowd lock golden docs clean \
	form rules types floors dependencies unused tests

PYTHON = python3
VENV = .venv
BIN = $(VENV)/bin
T =

# With uv or without: the same packages, every one of them checked by its hash.
INSTALL = $$(if command -v uv >/dev/null 2>&1; \
	then echo uv pip install --quiet --python $(BIN)/python; \
	else echo $(BIN)/python -m pip --quiet --disable-pip-version-check install; fi)

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate

help:
	printf '%s\n' \
	'make demo    Vorführung: lädt das Beispiel-Netzwerk ein, Ergebnis in demo/' \
	'make test    alle Tests; eine Auswahl: make test T=tests/unit' \
	'make check   alle Prüfungen, wie in der CI' \
	'make install für den Betrieb: Umgebung in .venv mit dem, was „mia“ braucht' \
	'make setup   zum Entwickeln: dazu alle Werkzeuge für Tests und Prüfungen' \
	'make bench   Messungen' \
	'make crash   Absturz-Proben in voller Länge: kill -9 bei 5.000 Mails' \
	'make chaos   Abstürze zu zufälligen Zeiten, zwei Minuten je Datenbank' \
	'             (länger: MIA_CHAOS_SECONDS=3600, noch einmal: MIA_CHAOS_SEED=…)' \
	'make crowd   Andrang auf den öffentlichen Seiten, zehnfach' \
	'make golden  geänderte Briefe und Kalenderdateien gutheißen (danach git diff)' \
	'make docs    erzeugte Dokumente neu schreiben (danach git diff)' \
	'make lock    Versionen neu festschreiben' \
	'make clean   .venv, demo und Zwischenergebnisse löschen' \
	'' \
	'Ein anderes Python: make test PYTHON=/pfad/zu/python3.13'

# Whoever runs it later may not write here, and would compile everything at each start.
install: $(VENV)/.runtime
	$(BIN)/python -m compileall -q $(VENV)/lib cli.py mailer subscribers || :

setup: $(VENV)/.dev $(VENV)/.node

demo: $(VENV)/.runtime
	$(BIN)/mia demo

test: $(VENV)/.dev $(VENV)/.node
	$(BIN)/python -m pytest $(T)

# One target each, so that `make -k check` tells everything at once.
check: form rules types floors dependencies unused tests

form: $(VENV)/.dev
	echo '== Form'; $(BIN)/ruff format --check .
rules: $(VENV)/.dev
	echo '== Regeln'; $(BIN)/ruff check .
types: $(VENV)/.dev
	echo '== Typen'; $(BIN)/mypy
floors: $(VENV)/.dev
	echo '== Stockwerke'; $(BIN)/lint-imports --no-cache --no-logo
dependencies: $(VENV)/.dev
	echo '== Abhängigkeiten'; $(BIN)/deptry .
unused: $(VENV)/.dev
	echo '== Unbenutztes'; $(BIN)/vulture
tests: $(VENV)/.dev $(VENV)/.node
	echo '== Tests'
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2 --durations 25
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: $(VENV)/.dev
	for measure in benchmarks/*.py; do $(BIN)/python "$$measure" || exit 1; done

crash: $(VENV)/.dev
	MIA_TEST_MAILS=5000 $(BIN)/python -m pytest tests/crash

chaos: $(VENV)/.dev
	MIA_CHAOS_SECONDS=$${MIA_CHAOS_SECONDS:-120} \
		$(BIN)/python -m pytest -q -s tests/crash/test_chaos.py

crowd: $(VENV)/.dev
	MIA_CROWD=$${MIA_CROWD:-10} $(BIN)/python -m pytest -q --timeout=3600 \
		tests/unit/web/test_abuse.py tests/unit/web/test_one_click.py

golden: $(VENV)/.dev
	$(BIN)/python -m pytest --approve $(T)

docs: $(VENV)/.dev
	$(BIN)/python -m mailer.commands.reference docs
	$(BIN)/python -m pytest -q --approve tests/architecture

lock: $(VENV)/.dev
	$(COMPILE) --all-extras --group install pyproject.toml \
		--output-file requirements.lock
	$(COMPILE) --all-extras --group dev pyproject.toml \
		--output-file requirements-dev.lock

clean:
	rm -rf $(VENV) demo tests/node/node_modules .coverage .coverage.* .hypothesis \
		.import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'MIA braucht Python 3.11 oder neuer; „$(PYTHON)“ ist es nicht.' >&2; \
		echo 'Bitte nennen Sie ein anderes: make PYTHON=/pfad/zu/python3.13' >&2; \
		exit 1; }
	# A half-made environment, as Debian without python3-venv leaves it, goes.
	$(BIN)/python -m pip --version >/dev/null 2>&1 || rm -rf $(VENV)
	if test -x $(BIN)/python; then :; elif command -v uv >/dev/null 2>&1; \
	then uv venv --quiet --python \
		"$$($(PYTHON) -c 'import sys; print(sys.executable)')" $(VENV); \
	else $(PYTHON) -m venv $(VENV) >/dev/null; fi || { \
		rm -rf $(VENV); \
		echo 'Die Umgebung .venv lässt sich nicht anlegen. Unter Debian und Ubuntu' >&2; \
		echo 'fehlt meist ein Paket: sudo apt-get install python3-venv' >&2; \
		exit 1; }
	touch $@

# No build isolation: it would fetch the build tool anew, and without its hash.
$(VENV)/.runtime: $(VENV)/.made requirements.lock pyproject.toml
	echo 'Einrichten: MIA …' >&2
	# An environment that uv made has no pip; uv may be gone by now.
	command -v uv >/dev/null 2>&1 || $(BIN)/python -m pip --version >/dev/null 2>&1 \
		|| $(BIN)/python -m ensurepip >/dev/null
	$(INSTALL) --require-hashes -r requirements.lock
	$(INSTALL) --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	echo 'Einrichten: Werkzeuge für Tests und Prüfungen …' >&2
	$(INSTALL) --require-hashes -r requirements-dev.lock
	touch $@

# The tools for HTML and calendar files come from npm; without it their tests are
# skipped, with a sentence.
$(VENV)/.node: $(VENV)/.made tests/node/package-lock.json
	if command -v npm >/dev/null 2>&1; \
	then echo 'Einrichten: Prüfer für HTML und Kalender …' >&2; \
		cd tests/node && npm ci --silent --no-audit --no-fund && \
		cd ../.. && touch $@; \
	else echo 'npm fehlt: die Tests mit HTML- und Kalenderprüfern entfallen.' >&2; fi
