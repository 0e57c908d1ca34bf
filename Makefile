# Two commands: `make demo` inspects pictures with the base install, `make test` runs all tests.
PYTHON ?= python3
PHOTO ?=
DECLARATION ?= examples/declaration.yaml
DEMO := .venv-demo
TEST := .venv-test

.PHONY: demo test lint types clean

# Skipped by name: the condition of the box, of which the damage net is not sure enough yet to release a sound one, and the
# reference photos, since the examples belong to no library. Exit code 1 means
# that something needs a person, which is what two of the examples are for.
demo: $(DEMO)/installed
	@status=0; $(DEMO)/bin/lipack inspect --each --declaration "$(DECLARATION)" --skip integrity --skip reference \
	  --report report.html examples/*.jpg $(if $(PHOTO),"$(PHOTO)") || status=$$?; \
	if [ $$status -gt 1 ]; then exit $$status; fi; \
	echo "report.html shows the evidence. PHOTO=... adds your photo, DECLARATION=... what was declared of it."

test: $(TEST)/installed
	$(TEST)/bin/python -m pytest -n auto --maxprocesses 4 --dist loadfile

lint: $(TEST)/installed
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .

types: $(TEST)/installed
	$(TEST)/bin/mypy

# A virtual environment counts as made only when its install went through.
$(DEMO)/installed: pyproject.toml
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --upgrade pip
	$(DEMO)/bin/python -m pip install --quiet -e .
	@touch $@

$(TEST)/installed: pyproject.toml
	$(PYTHON) -m venv $(TEST)
	$(TEST)/bin/python -m pip install --quiet --upgrade pip
	$(TEST)/bin/python -m pip install --quiet -e '.[train,dev]'
	@touch $@

clean:
	rm -rf $(DEMO) $(TEST) report.html
