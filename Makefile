# SPDX-License-Identifier: Apache-2.0
# Makefile - builds, checks and tests Troth. 'make help' lists the targets.
#
# The build looks at what is there: a new .c, .proto or *_test.c file is picked up
# without a change here. Nothing is written outside $(BUILD).
#
#   make CC=clang      the other compiler
#   make SAN=1         address and undefined behaviour sanitizers
#   make COVERAGE=1    line counters for gcovr
#   make CRASH=1       named points at which a test can kill a program
#   make V=1           print the commands
#   make BUILD=/tmp/b  build somewhere else
#
# Each variant keeps its own objects, so that switching never mixes them. The default one
# (gcc, plain) puts its programs into build/bin, every other one into build/<variant>/bin.

VERSION := 0.2.0
BUILD   ?= build

ifeq ($(origin CC),default)
CC := gcc
endif
COMPILER := $(if $(findstring clang,$(CC)),clang,gcc)
VARIANT  := $(notdir $(CC))$(if $(SAN),-san)$(if $(COVERAGE),-cov)$(if $(FUZZ),-fuzz)$(if $(CRASH),-crash)
OBJ      := $(BUILD)/obj-$(VARIANT)
OUT      := $(BUILD)$(if $(filter-out gcc,$(VARIANT)),/$(VARIANT))
GEN      := $(BUILD)/gen
PYTHON   ?= /usr/bin/python3
AR       := ar
Q        := $(if $(V),,@)
say       = $(if $(V),,@printf '  %-7s %s\n' '$(1)' '$(patsubst $(BUILD)/%,%,$(2))')

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
JOBS  ?= $(shell nproc)
# Uses all processors, or the job slots of whoever called us with -j.
SUBMAKE = $(MAKE) --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

# ---- flags ---------------------------------------------------------------------------

PACKAGES := libzmq libprotobuf-c libpq libconfig libmicrohttpd libsodium jansson libcurl
# Libraries and generated code are system headers (-isystem): our warnings are for our code.
# Without the packages both lines are empty; 'have-packages' then says what to do.
PACKAGE_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PACKAGES) 2>/dev/null))
PACKAGE_LIBS   := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null)
TEST_LIBS      := -lcmocka

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual \
        -Wformat=2 -Wnull-dereference -Wstrict-prototypes -Wmissing-prototypes \
        -Wold-style-definition -Wredundant-decls -Wwrite-strings -Wundef -Wvla \
        -Wswitch-enum -Wno-missing-field-initializers -Werror
WARN_gcc   := -Wcast-align=strict -Wformat-signedness -Wduplicated-cond \
              -Wduplicated-branches -Wlogical-op
WARN_clang := -Wcast-align -Wcomma -Wassign-enum -Wmissing-variable-declarations

HARD := -fstack-protector-strong -fPIE
# Two builds of one tree are the same: no file says where it was built. Counters have to know it.
ifeq ($(COVERAGE),)
HARD += -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(abspath $(BUILD))=build
endif
HARD_LINK := -pie -Wl,-z,relro,-z,now -Wl,-z,noexecstack
ifneq ($(filter x86_64 amd64,$(shell uname -m)),)
HARD += -fcf-protection
endif

ifneq ($(SAN),)
# No _FORTIFY_SOURCE: its checked calls hide from the address sanitizer what it would report.
# gcc sees null and uninitialised paths in the checks that the sanitizers themselves add.
OPTIMIZE := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
WARN_gcc += -Wno-null-dereference -Wno-maybe-uninitialized
else ifneq ($(COVERAGE),)
OPTIMIZE := -O0 --coverage
else
OPTIMIZE := -O2 -D_FORTIFY_SOURCE=3 -fstack-clash-protection
endif
ifneq ($(FUZZ),)
OPTIMIZE += -fsanitize=fuzzer-no-link
endif
ifneq ($(CRASH),)
CRASH_FLAGS := -DTROTH_CRASH_POINTS
endif

LANGUAGE := -std=c17 -fno-common -D_GNU_SOURCE
CPPFLAGS := -I. -isystem $(GEN) $(PACKAGE_CFLAGS) -DTROTH_VERSION='"$(VERSION)"' $(CRASH_FLAGS)
# -MD, not -MMD: generated headers are system headers, and a changed .proto must rebuild.
DEPFLAGS  = -MD -MP -MF $(@:.o=.d)
CFLAGS   ?=
COMPILE   = $(CC) $(LANGUAGE) $(CPPFLAGS) $(DEPFLAGS) -g $(OPTIMIZE) $(HARD)
LINK      = $(CC) -g $(OPTIMIZE) $(HARD_LINK) $(CFLAGS) $(LDFLAGS)
# Whoever is killed writes its counters first (tests/support/counters/counters.c).
ifneq ($(COVERAGE),)
COUNTERS := $(OBJ)/tests/support/counters/counters.o
LINK     += -Wl,--wrap=_exit,--wrap=abort,--wrap=kill $(COUNTERS)
endif
# liblinear (triage) has no pkg-config file; who does not learn does not load it.
LEARN_LIBS := -Wl,--push-state,--as-needed -llinear -Wl,--pop-state
# libre (telephone calls) neither: who places none does not load it.
PHONE_LIBS := -Wl,--push-state,--as-needed -lre -Wl,--pop-state
# NLopt (common/model/optimise.c): who fits no model does not load it.
FIT_LIBS   := -Wl,--push-state,--as-needed -lnlopt -Wl,--pop-state
# Whoever checks a proof needs three small libraries, and none of the others.
PROOF_LIBS := $(shell pkg-config --libs libprotobuf-c libsodium jansson 2>/dev/null)
LIBS     := $(PACKAGE_LIBS) $(LEARN_LIBS) $(PHONE_LIBS) $(FIT_LIBS) -lm -lpthread

# ---- what there is -------------------------------------------------------------------

PROTOS   := $(wildcard proto/*.proto)
# What a service stores for itself alone: no part of the wire contract. Tests look into it, too.
INNER_PROTOS := $(wildcard services/*/*.proto)
GEN_C    := $(patsubst %.proto,$(GEN)/%.pb-c.c,$(notdir $(PROTOS) $(INNER_PROTOS)))
GEN_H    := $(GEN_C:.c=.h)
GEN_PY   := $(patsubst %.proto,$(GEN)/python/%_pb2.py,$(notdir $(PROTOS) $(INNER_PROTOS)))

COMMON_C := $(wildcard common/*/*.c)
FOLDERS  := $(sort $(patsubst services/%/,%,$(dir $(wildcard services/*/*.c))))
SERVICES := $(patsubst services/%/main.c,%,$(wildcard services/*/main.c))
program   = $(OUT)/bin/$(if $(filter cli,$(1)),troth,troth-$(1))
PROGRAMS := $(foreach s,$(SERVICES),$(call program,$(s)))

LIB_PROTO   := $(OUT)/lib/libtroth-proto.a
LIB_COMMON  := $(OUT)/lib/libtroth-common.a
LIB_SUPPORT := $(OUT)/lib/libtroth-test-support.a
LIB_SERVICE := $(FOLDERS:%=$(OUT)/lib/%.a)
# Users before what they use: the linker reads archives once, from left to right.
BELOW       := $(LIB_COMMON) $(LIB_PROTO)

UNIT_C        := $(wildcard tests/unit/*/*_test.c)
INTEGRATION_C := $(wildcard tests/integration/*_test.c tests/integration/*/*_test.c)
BENCH_C       := $(wildcard tests/bench/*_bench.c)
FUZZ_C        := $(wildcard tests/fuzz/*_fuzz.c)
FAULT_C       := $(wildcard tests/faults/*.c)
UNIT_TESTS    := $(UNIT_C:%.c=$(OUT)/%)
INTEGRATIONS  := $(INTEGRATION_C:%.c=$(OUT)/%)
BENCHES       := $(BENCH_C:%.c=$(OUT)/%)
FUZZERS       := $(FUZZ_C:%.c=$(OUT)/%)
# Programs that fault tests need, and libraries for LD_PRELOAD: what has no main().
FAULT_LIBS_C  := $(if $(FAULT_C),$(shell grep -L '^int main\>' $(FAULT_C)))
FAULT_LIBS    := $(FAULT_LIBS_C:%.c=$(OUT)/%.so)
FAULT_PROGRAMS := $(patsubst %.c,$(OUT)/%,$(filter-out $(FAULT_LIBS_C),$(FAULT_C)))

# ---- targets for people --------------------------------------------------------------

.PHONY: all install uninstall man deb deb-test deps demo demo-stop proof test test-unit test-integration test-system test-browser lint format bench bench-data bench-peers fuzz \
        coverage coverage-report sbom reproducible valgrind test-libzmq13 clean help gen images compose-test test-programs fuzz-programs fuzz-door \
        crash-programs fault-programs faults-programs faults faults-night faults-followup faults-loyalty upgrade-test drill failover-test have-packages

all: $(PROGRAMS) libtroth web-if-possible ## build the programs, libtroth and the dashboard into build

install: install-troth install-libtroth ## install all that was built (DESTDIR, prefix, bindir, ...; deploy/install/install.mk)

uninstall: remove-installed ## remove what 'make install' with the same folders put there

man: man-pages ## make the manual pages into build/man

deb: DEPS := build package
deb: deps ## build the Debian packages into build/deb (for who runs Debian 12)
	@$(SUBMAKE) debian-packages

deb-test: DEPS := build run test package
deb-test: deps ## install the packages on a bare Debian 12 under systemd and try them (15 minutes)
	@$(SUBMAKE) gen
	@$(SUBMAKE) debian-packages
	@$(PYTEST) -n 0 tests/package

help: ## print this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  \1\t\2/p' Makefile | expand -t 20

# DEPS names the groups of deploy/packages.txt; empty means all of them.
deps: ## install the Debian packages that are missing
	@deploy/install-packages.sh $(DEPS)

# Targets that begin with 'deps' build in a second make: the first one has read pkg-config
# before the packages were there.
demo: DEPS := build run
demo: deps ## run everything for a month of sample records (KEEP, DATA, MAPPING, SEED, DAYS)
	@$(SUBMAKE) all
	@TROTH_OUT='$(OUT)' KEEP='$(KEEP)' DATA='$(DATA)' MAPPING='$(MAPPING)' \
	    SEED='$(SEED)' DAYS='$(DAYS)' deploy/demo/demo.sh

demo-stop: ## end what 'make demo KEEP=1' left running
	@deploy/demo/demo.sh stop

# The programs under test are those of the chosen variant: 'make test SAN=1' tests these. Beside them
# the services and the dialer are there once more, with crash points and controls.
CRASH_OUT = $(BUILD)/$(VARIANT)$(if $(CRASH),,-crash)
PYTEST = FUZZ_SECONDS='$(FUZZ_SECONDS)' TROTH_BUILD='$(BUILD)' TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' TROTH_CRASH='$(CRASH_OUT)' TROTH_COVERAGE='$(COVERAGE)' TROTH_CC='$(CC) $(filter -fsanitize% --coverage,$(OPTIMIZE))' PYTHONDONTWRITEBYTECODE=1 \
         $(PYTHON) -m pytest -c tests/pytest.ini -n 3 --dist loadgroup $(if $(COVERAGE),--timeout 900) --junitxml=$(OUT)/tests.xml $(ARGS)
ARGS ?=

test: deps ## build and run every test (ARGS='-k name' for some)
	@$(SUBMAKE) all test-programs fault-programs node-modules
	@$(SUBMAKE) CRASH=1 crash-programs
	@$(SUBMAKE) CC=clang SAN=1 FUZZ=1 COVERAGE= fuzz-door
	@$(PYTEST) --ignore=tests/containers --ignore=tests/package tests

# Those are the tests that include proof.h.
PROOFS = $(shell grep -l 'tests/support/proof\.h"' $(UNIT_C) $(INTEGRATION_C))
proof: deps ## compare with published numbers and print the table, in Markdown
	@$(SUBMAKE) $(PROOFS:%.c=$(OUT)/%) $(GEN_PY)
	@$(PYTEST) $(PROOFS)

test-unit: $(UNIT_TESTS) $(GEN_PY) ## run the tests that need neither database nor processes
	@$(PYTEST) tests/unit

test-integration: $(INTEGRATIONS) $(GEN_PY) ## run the C tests against a private PostgreSQL
	@$(PYTEST) tests/integration

test-system: all node-modules $(GEN_PY) ## run the tests that start the real programs
	@$(SUBMAKE) CRASH=1 crash-programs
	@$(PYTEST) tests/system

test-browser: all node-modules $(GEN_PY) ## run the tests that look at the dashboard with Chromium
	@$(PYTEST) tests/browser

# By docker-compose, so that they are what it would build; TROTH_VERSION names them, as it does there.
images: ## build the container images with this version on them
	@TROTH_VERSION='$(VERSION)' TROTH_REVISION="$$(git rev-parse HEAD 2>/dev/null)" \
	    docker-compose --profile demo --profile tools build

compose-test: DEPS := build run test containers
compose-test: deps ## build the images and try docker-compose.yml on an engine of its own (10 minutes)
	@$(SUBMAKE) gen
	@$(PYTEST) -n 0 tests/containers

# TEST names one of the catalogue, SEED repeats a run; tests/faults/README.md.
FAULTS = TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' TROTH_BUILD='$(BUILD)' TROTH_CRASH='$(CRASH_OUT)' PYTHONPATH='$(GEN)/python' \
         PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m tests.faults $(if $(TEST),--test '$(TEST)') $(if $(SEED),--seed '$(SEED)') \
         $(if $(ROUNDS),--rounds '$(ROUNDS)')
faults-programs:
	@$(SUBMAKE) all gen fault-programs
	@$(SUBMAKE) CRASH=1 crash-programs

faults: deps ## fault tests under load, then what they say of systems that are wrong (TEST, SEED, ROUNDS; 10 minutes)
	@$(SUBMAKE) faults-programs
	@$(FAULTS) --form middle --markdown '$(OUT)/faults.md'
	@$(FAULTS) --control --markdown '$(OUT)/faults.md'

faults-night: deps ## all fault tests in their long form (TEST, SEED, ROUNDS; hours)
	@$(SUBMAKE) faults-programs
	@$(FAULTS) --form long --markdown '$(OUT)/faults-night.md'; status=$$?; \
	    $(FAULTS) --control --markdown '$(OUT)/faults-night.md' && exit $$status

# More follow-ups, more kills and more time than 'make test' has; tests/README.md.
faults-followup: deps ## kill schedulers and dialers under 20,000 follow-ups (SEED, FOLLOWUPS)
	@$(SUBMAKE) all gen
	@$(SUBMAKE) CRASH=1 crash-programs
	@TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' TROTH_CRASH='$(CRASH_OUT)' \
	    PYTHONPATH='$(GEN)/python' $(PYTHON) -m tests.faults.followup_kills \
	    $(if $(SEED),--seed '$(SEED)') $(if $(FOLLOWUPS),--followups '$(FOLLOWUPS)')

faults-loyalty: deps ## kill two processes of loyalty scoring under 20,000 events (SEED, EVENTS)
	@$(SUBMAKE) all gen
	@$(SUBMAKE) CRASH=1 crash-programs
	@TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' TROTH_CRASH='$(CRASH_OUT)' \
	    PYTHONPATH='$(GEN)/python' $(PYTHON) -m tests.faults.loyalty_kills \
	    $(if $(SEED),--seed '$(SEED)') $(if $(EVENTS),--events '$(EVENTS)')

upgrade-test: deps ## upgrade and roll back under load, beside the last release (SEED; 3 minutes)
	@$(SUBMAKE) all gen
	@$(SUBMAKE) CRASH=1 crash-programs
	@TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' TROTH_CRASH='$(CRASH_OUT)' \
	    PYTHONPATH='$(GEN)/python' $(PYTHON) -m tests.upgrade.rolling $(if $(SEED),--seed '$(SEED)')
	@TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' $(PYTHON) -m pytest -c tests/pytest.ini -q -n0 tests/system/test_newer_messages.py

drill: DEPS := build run test backup
drill: deps ## burn the database down under load and restore it (ROUNDS, SEED; 5 minutes)
	@$(SUBMAKE) all gen
	@TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' PYTHONPATH='$(GEN)/python' $(PYTHON) -m tests.drill.drill \
	    $(if $(SEED),--seed '$(SEED)') $(if $(ROUNDS),--rounds '$(ROUNDS)')

failover-test: DEPS := build run test high-availability
failover-test: deps ## kill PostgreSQL's primary under load, ROUNDS times (SEED; 9 minutes for 5)
	@$(SUBMAKE) all gen
	@TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' PYTHONPATH='$(GEN)/python' $(PYTHON) -m tests.failover.failover \
	    $(if $(SEED),--seed '$(SEED)') $(if $(ROUNDS),--rounds '$(ROUNDS)')

lint: deps ## check format, style, layout and documents
	@$(SUBMAKE) gen $(BUILD)/tidy_flags.txt
	@BUILD='$(BUILD)' tests/lint/lint.sh

format: ## let clang-format rewrite the C files
	@. tests/lint/lint_files.sh && c_files | xargs -r clang-format-14 -i

bench: deps ## measure beside what the machine could do (QUICK=1 for a look; BENCH=side beside other products)
	@$(SUBMAKE) all gen $(BENCHES)
	@if [ -x tests/bench/run.sh ]; then TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' tests/bench/run.sh $(BENCH); \
	 else echo 'no tests/bench/run.sh: nothing to measure'; fi

bench-data: deps ## build the ten million contacts that 'make bench' measures on (goes on where it stopped)
	@$(SUBMAKE) all gen $(BENCHES)
	@TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' tests/bench/run.sh data

bench-peers: ## install the products that 'make bench' measures beside, none as a service
	@tests/bench/peers/install.sh

FUZZ_SECONDS ?= 60
fuzz: ## run each fuzzer for FUZZ_SECONDS (needs clang)
	@$(SUBMAKE) CC=clang SAN=1 FUZZ=1 fuzz-programs
	@BUILD='$(BUILD)' FUZZ_SECONDS='$(FUZZ_SECONDS)' tests/fuzz/run_fuzzers.sh

coverage: ## write build/coverage/index.html and folders.md from all tests
	@$(SUBMAKE) COVERAGE=1 all test-programs
	@find $(BUILD)/obj-gcc-cov* -name '*.gcda' -delete
	@$(SUBMAKE) COVERAGE=1 test || echo 'some tests failed: what they would have reached is missing' >&2
	@$(SUBMAKE) coverage-report

# What BUG() says is reached by nobody, or it is a defect: its lines do not count (tests/COVERAGE.md).
# With crash points or without, it is the same source.
coverage-report:
	@mkdir -p $(BUILD)/coverage
	@gcovr --root . --filter common/ --filter services/ --print-summary --exclude-unreachable-branches \
	    --exclude-lines-by-pattern '.*\bBUG\(' --json-summary $(BUILD)/coverage/summary.json \
	    --html-details $(BUILD)/coverage/index.html $(BUILD)/obj-gcc-cov*
	@$(PYTHON) tests/support/coverage_table.py $(BUILD)/coverage/summary.json | tee $(BUILD)/coverage/folders.md

sbom: all ## write the bill of materials of what was built, build/sbom/troth.cdx.json (CycloneDX)
	@deploy/sbom/make_sbom.py --out '$(OUT)' --web '$(WEB_OUT)' --version '$(VERSION)' $(BUILD)/sbom/troth.cdx.json

reproducible: deps ## build everything twice in different folders and compare, bit by bit
	@JOBS='$(JOBS)' tests/package/reproducible.sh

valgrind: DEPS := build test valgrind
valgrind: deps ## run the unit tests under valgrind (30 minutes; ARGS='bus_test zap_test' for some)
	@$(SUBMAKE) test-programs
	@TROTH_OUT='$(OUT)' JOBS='$(JOBS)' tests/support/valgrind.sh $(ARGS)

test-libzmq13: DEPS := build run test libzmq13
test-libzmq13: deps ## run what leans on libzmq with the one of Debian 13
	@$(SUBMAKE) all test-programs
	@TROTH_BUILD='$(BUILD)' TROTH_OUT='$(OUT)' TROTH_GEN='$(GEN)' tests/support/libzmq13.sh

clean: ## remove everything that was built
	rm -rf $(BUILD)

# ---- generated code ------------------------------------------------------------------

gen: $(GEN_C) $(GEN_H) $(GEN_PY)
test-programs: $(UNIT_TESTS) $(INTEGRATIONS) $(GEN_PY) fault-programs
fault-programs: $(FAULT_PROGRAMS) $(FAULT_LIBS)
fuzz-programs: $(FUZZERS)
crash-programs: $(foreach s,intake followup loyalty reporting dialer,$(call program,$(s)))
# What 'make test' runs for FUZZ_SECONDS: the door that strangers' bytes come through.
fuzz-door: $(OUT)/tests/fuzz/intake_decode_fuzz

# Each output depends on every .proto: they import each other, and there are few.
$(GEN)/%.pb-c.c $(GEN)/%.pb-c.h: proto/%.proto $(PROTOS) | have-packages
	$(call say,PROTOC,$<)
	@mkdir -p $(GEN)
	$(Q)protoc --proto_path=proto --c_out=$(GEN) $(<F)

$(GEN)/%.pb-c.c $(GEN)/%.pb-c.h: services/intake/%.proto | have-packages
	$(call say,PROTOC,$<)
	@mkdir -p $(GEN)
	$(Q)protoc --proto_path=$(<D) --c_out=$(GEN) $(<F)

$(GEN)/%.pb-c.c $(GEN)/%.pb-c.h: services/reporting/%.proto | have-packages
	$(call say,PROTOC,$<)
	@mkdir -p $(GEN)
	$(Q)protoc --proto_path=$(<D) --c_out=$(GEN) $(<F)

$(GEN)/python/%_pb2.py: proto/%.proto $(PROTOS) | have-packages
	$(call say,PROTOC,$@)
	@mkdir -p $(@D)
	$(Q)protoc --proto_path=proto --python_out=$(GEN)/python $(<F)

have-packages:
	@if [ -z '$(PACKAGE_LIBS)' ] || ! command -v $(CC) protoc >/dev/null; then \
	    echo "packages to build with are missing: run 'make deps' first" >&2; exit 1; fi

# What clang-tidy must know to read a file as the compiler does, one flag a line.
$(BUILD)/tidy_flags.txt: Makefile | have-packages
	@mkdir -p $(@D)
	@printf '%s\n' $(LANGUAGE) $(CPPFLAGS) -Iproto/libtroth $(filter-out -Werror,$(WARN)) $(WARN_clang) > $@

$(GEN)/python/%_pb2.py: services/intake/%.proto | have-packages
	$(call say,PROTOC,$@)
	@mkdir -p $(@D)
	$(Q)protoc --proto_path=$(<D) --python_out=$(GEN)/python $(<F)

$(GEN)/python/%_pb2.py: services/reporting/%.proto | have-packages
	$(call say,PROTOC,$@)
	@mkdir -p $(@D)
	$(Q)protoc --proto_path=$(<D) --python_out=$(GEN)/python $(<F)

# ---- objects -------------------------------------------------------------------------

# Objects depend on this file because the flags stand in it.
$(OBJ)/gen/%.o: $(GEN)/%.c Makefile | $(GEN_H)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -w $(CFLAGS) -c -o $@ $<

# cmocka hands every test a 'state' that few of them need.
$(OBJ)/tests/%.o: tests/%.c Makefile | $(GEN_H) have-packages
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(WARN) $(WARN_$(COMPILER)) -Wno-unused-parameter $(CFLAGS) -c -o $@ $<

$(OBJ)/%.o: %.c Makefile | $(GEN_H) have-packages
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(WARN) $(WARN_$(COMPILER)) $(CFLAGS) -c -o $@ $<

-include $(patsubst %.c,$(OBJ)/%.d,$(wildcard common/*/*.c services/*/*.c tests/*/*.c tests/*/*/*.c)) \
         $(GEN_C:$(GEN)/%.c=$(OBJ)/gen/%.d)

# ---- archives and programs -----------------------------------------------------------

# 'ar' adds to an archive that is there, so begin with none: no member outlives its source.
define archive
$(call say,AR,$@)
@mkdir -p $(@D) && rm -f $@
$(Q)$(AR) rcs $@ $^
endef

$(LIB_PROTO): $(GEN_C:$(GEN)/%.c=$(OBJ)/gen/%.o)
	$(archive)

$(LIB_COMMON): $(COMMON_C:%.c=$(OBJ)/%.o) | $(COUNTERS)
	$(archive)

$(LIB_SUPPORT): $(patsubst %.c,$(OBJ)/%.o,$(wildcard tests/support/*.c))
	$(archive)

# A service without its main.c, so that tests can link it.
define service_rules
$(OUT)/lib/$(1).a: $(patsubst %.c,$(OBJ)/%.o,$(filter-out %/main.c,$(wildcard services/$(1)/*.c)))
	$$(archive)

$(call program,$(1)): $(OBJ)/services/$(1)/main.o $(OUT)/lib/$(1).a $(BELOW)
	$$(link)

$(OUT)/tests/unit/$(1)/%: $(OBJ)/tests/unit/$(1)/%.o $(OUT)/lib/$(1).a $(LIB_SUPPORT) $(BELOW)
	$$(link_test)
endef

define link
$(call say,LINK,$@)
@mkdir -p $(@D)
$(Q)$(LINK) -o $@ $^ $(LIBS)
endef

define link_test
$(call say,LINK,$@)
@mkdir -p $(@D)
$(Q)$(LINK) -o $@ $^ $(TEST_LIBS) $(LIBS)
endef

$(foreach s,$(FOLDERS),$(eval $(call service_rules,$(s))))
$(call program,proof): LIBS := $(PROOF_LIBS)

include proto/libtroth/libtroth.mk
include services/reporting/web/web.mk
include deploy/install/install.mk

# Tests of common/ see no service.
$(OUT)/tests/unit/%: $(OBJ)/tests/unit/%.o $(LIB_SUPPORT) $(BELOW)
	$(link_test)

$(OUT)/tests/integration/%: $(OBJ)/tests/integration/%.o $(LIB_SERVICE) $(LIB_SUPPORT) $(BELOW)
	$(link_test)

$(OUT)/tests/bench/%: $(OBJ)/tests/bench/%.o $(LIB_SERVICE) $(LIB_SUPPORT) $(BELOW)
	$(link)

$(OUT)/tests/faults/%: $(OBJ)/tests/faults/%.o $(LIB_SUPPORT) $(BELOW)
	$(link)

# Into other programs: nothing but the C library, and no sanitizer.
$(FAULT_LIBS): $(OUT)/tests/faults/%.so: tests/faults/%.c Makefile | have-packages
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LANGUAGE) -I. $(WARN) $(WARN_$(COMPILER)) -g -O2 -fPIC -shared -o $@ $< -ldl

$(OUT)/tests/fuzz/%: $(OBJ)/tests/fuzz/%.o $(LIB_SERVICE) $(BELOW)
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS)
