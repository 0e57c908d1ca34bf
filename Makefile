# Two commands: `make demo` inspects pictures with the base install, `make test` runs all tests.
PYTHON ?= python3
PHOTO ?=
DEMO := .venv-demo
TEST := .venv-test

.PHONY: demo test lint types clean

demo: $(DEMO)/installed
	@status=0; $(DEMO)/bin/lipack inspect --each --report report.html $(wildcard examples/*.jpg) $(PHOTO) || status=$$?; \
	if [ $$status -gt 1 ]; then exit $$status; fi; \
	echo "Open report.html to see the evidence."

test: $(TEST)/installed
	$(TEST)/bin/python -m pytest

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
