# One line a target; what they do is in sandbox/, components/stateful_web/cli/ and tests/.
SHELL := /bin/sh
.DEFAULT_GOAL := help

STACK ?= dev
PY := .venv/bin/python
# Which tools are used is said by `make up`, elsewhere when it has changed, or with V=1.
SANDBOX = $(PY) -m sandbox $(if $(V),--verbose)
# The environment of stacks dev and node is their sandbox; other stacks use the user's own login and kubeconfig.
SANDBOX_dev = $(SANDBOX) env
SANDBOX_node = $(SANDBOX) env --node
# Some machines have Python keep no compiled modules: each of the programs here would compile a thousand at every start.
unexport PYTHONDONTWRITEBYTECODE
ifdef CONTEXT
# A cluster of the user's own has a stack of its own, which the environment names.
STACK = $$PULUMI_STACK
OF = --context '$(CONTEXT)'
ENV = exports=$$($(SANDBOX) env $(OF)) || exit 1; eval "$$exports"
else
ENV = $(if $(SANDBOX_$(STACK)),exports=$$($(SANDBOX_$(STACK))) || exit 1; eval "$$exports",:)
endif

CLI = .venv/bin/stateful-web
# Where a stack that is not a sandbox's leads is said first.
OF_STACK = --stack $(STACK) $(if $(SANDBOX_$(STACK)),,--verbose)
ASKED = $(OF_STACK) $(if $(JSON),--output json)
# The packs of this checkout, each with the stack's own configuration where there is one; stack node has that of dev.
CONFIG_OF = policy-config.$(patsubst node,dev,$(notdir $(STACK))).json
PACK_FLAGS = $(foreach pack,policies/stateful policies/hardening,--policy-pack $(pack) \
  $(addprefix --policy-pack-config ,$(wildcard $(pack)/$(CONFIG_OF))))

# What the tests in process execute, and what is executed at import; the engine's tests run the program in process, too.
MEASURED = --cov --cov-context=test --cov-report=
COVERED = $(PY) -m coverage report --contexts='^$$,^tests/(unit|component|policies)/'
SAY_COVERED = $(COVERED) --include="components/stateful_web/cli/*" && $(COVERED) --fail-under=95 --include="components/*,policies/*,settings.py" --omit="components/stateful_web/cli/*"

# Not for others by mistake.
ONLY_DEV = $(if $(CONTEXT),,$(if $(filter-out dev,$(STACK)),$(error STACK is $(STACK), and `make $@` is for stack dev alone. For stack node: \
  make node, make node-down; for a stack of yours: pulumi up, pulumi destroy)))

.PHONY: docs release help render diagram up test status preview doctor claims adopt recover down clean env check venv admission mutants faults fuzz
.PHONY: conformance audit bench coverage test-pythons
.PHONY: node node-down open packs

help: ## This list
	@awk '/^[a-z-]+:.*## / {target = $$1; sub(/:.*/, "", target); sub(/.*## /, ""); printf "  make %-12s %s\n", target, $$0}' \
	  $(MAKEFILE_LIST)

venv:
	@python3 sandbox/bootstrap.py

up: venv ## Everything for a first look: tools, sandbox cluster, pulumi up of stack dev, a table of what is there; CONTEXT=name: on a cluster of yours
	@$(ONLY_DEV)$(SANDBOX) up $(OF)

test: venv ## Every subject's tests, on sandboxes of their own; TIER=unit|component|policies|engine|cluster|node|faults for one tier; ALL=1 for every test there is; K8S=1.36, 1.35 for another Kubernetes
	@STATEFUL_WEB_KUBERNETES=$(K8S) $(PY) -m pytest --numprocesses auto $(if $(TIER),-m $(TIER),$(MEASURED)) $(if $(ALL),--all)
	@$(if $(TIER),,$(SAY_COVERED))

coverage: venv ## The tests that need no engine and no cluster, and the lines that they don't execute; fails below 95 %
	@$(PY) -m pytest --numprocesses auto -m "unit or component or policies" $(MEASURED)
	@$(SAY_COVERED)

test-pythons: venv ## The tests that need no engine and no cluster, on every supported Python that this machine has
	@$(PY) -m tools.pythons

faults: venv ## The stories about faults at 25 random moments each; SEED= repeats a run, MOMENTS= makes it shorter
	@$(PY) -m pytest --numprocesses auto --all -m faults --moments $(or $(MOMENTS),25) $(if $(SEED),--seed $(SEED))

fuzz: venv ## Inputs by chance, judged by us and by the API server; EXAMPLES=2000 of each property
	@$(PY) -m pytest tests/engine/test_api_server_as_oracle.py tests/engine/test_forecast_against_the_api_server.py \
	  --examples $(or $(EXAMPLES),2000)

bench: venv ## The same work by this project and its peers, into benchmarks/RESULTS.md; SIZES="1 10" and ROUNDS=1 make it shorter, SIZES=500 is half an hour
	@$(PY) -m benchmarks $(if $(SIZES),--sizes $(SIZES)) $(if $(ROUNDS),--rounds $(ROUNDS))

conformance: venv ## docs/conformance.md: the stories of Kubernetes' own tests and tutorial, run here, with their verdicts
	@$(PY) -m pytest --numprocesses auto --all -m upstream --conformance=docs/conformance.md

audit: venv ## Known vulnerabilities of the Python packages and Go programs; says what could not run
	@$(PY) -m tools.audit

status: venv ## The live table of pods, claims, volumes and DNS names; JSON=1 for machines, WATCH=1 follows a rollout
	@$(ENV); $(CLI) status $(ASKED) $(if $(WATCH),--watch)

preview: venv ## The engine's preview with the packs, then what the change does to pods and data; JSON=1 for machines
	@$(ENV); $(CLI) preview $(ASKED) -- $(PACK_FLAGS)

doctor: venv ## Why a rollout is stuck, and the commands that free it; JSON=1 for machines
	@$(ENV); $(CLI) doctor $(ASKED)

claims: venv ## Every claim, also those that scaling down or an earlier life left; JSON=1 for machines
	@$(ENV); $(CLI) claims $(ASKED)

recover: venv ## After a killed run: release a dead lock, settle what was left pending
	@$(ENV); $(CLI) recover $(OF_STACK)

adopt: venv ## Pulumi.<STACK>.yaml of a new stack for a live set: make adopt SET=namespace/name STACK=shop; changes nothing
	@$(CLI) adopt "$(SET)" --stack $(STACK)

render: venv ## The objects of a first deploy as YAML on stdout, for kubectl apply -f -; no cluster, no engine
	@$(CLI) render --stack $(STACK)

diagram: venv ## A picture of what render gives, as SVG on stdout: make diagram > stack.svg; no cluster, no engine
	@$(CLI) diagram --stack $(STACK)

down: venv ## Destroy stack dev and stop the sandbox; its claims and volumes stay; CONTEXT=name: on a cluster of yours
	@$(ONLY_DEV)$(SANDBOX) down $(OF)

node: venv ## The sandbox with a real node (root, Linux), and stack node on it: containers, names, pages
	@$(SANDBOX) up --node

node-down: venv ## Destroy stack node and end all that runs for it; its claims and volumes stay
	@$(SANDBOX) down --node

open: venv ## The page of web-0 of stack node on loopback
	@$(SANDBOX) open --node

clean: venv ## Delete the sandboxes of both stacks with their data; asks unless YES=1
	@$(SANDBOX) clean $(if $(YES),--yes)

env: venv ## Variables for a shell: eval "$$(make -s env)", then pulumi and kubectl use the sandbox; NODE=1: the real node's
	@$(SANDBOX) env $(if $(NODE),--node) $(OF)

check: venv ## Format, lint, types, import contracts, and the site with its links
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy .
	@.venv/bin/lint-imports
	@$(PY) -m tools.reference.pulumi_yaml --check
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs --quiet build --strict

docs: venv ## The site, with the reference from the code, into build/site/
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs --quiet build --strict
	@echo "Open build/site/index.html"

packs: venv ## Each policy pack as a folder that needs no other, and as an archive, in dist/packs/
	@$(PY) -m policies.assemble

release: check ## Check changelog, versions and tree, build wheel, sdist and packs into dist/ and tag; publishes nothing; TAG=v1.2.3 builds a tag that is there
	@$(PY) -m tools.release $(TAG)

admission: venv ## The rules inside the cluster: ValidatingAdmissionPolicy manifests on stdout; CONFIG=a policy-config file
	@$(PY) -m policies.admission $(if $(CONFIG),--config $(CONFIG))

mutants: venv ## Mutation tests of pack stateful, the kit and the component's pure modules; MODULES="stateful/storage kit/model" for some
	@PATH=$$PWD/.venv/bin:$$PATH $(PY) -m tools.mutants $(MODULES)
