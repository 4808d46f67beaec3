# SPDX-License-Identifier: GPL-3.0-or-later
# oomsim: `make help` lists the targets; `V=1` shows the commands; CC, OPT, SANITIZER and BUILD choose what is built where.

VERSION   := 0.1.0
SOVERSION := 0

CC        ?= cc
ifeq ($(origin CC),default)
CC        := gcc
endif
AR        ?= ar
OPT       ?= -O2
SANITIZER ?=
PREFIX    ?= /usr/local
BINDIR    ?= $(PREFIX)/bin
LIBDIR    ?= $(PREFIX)/lib
INCDIR    ?= $(PREFIX)/include
MANDIR    ?= $(PREFIX)/share/man
DATADIR   ?= $(PREFIX)/share/oomsim

comma     := ,
empty     :=
space     := $(empty) $(empty)
# Each sanitizer has a folder of its own, so that the builds can live side by side: build-address, build-undefined.
BUILD     ?= build$(if $(SANITIZER),-$(subst $(comma),-,$(SANITIZER)))

PKGS      := gsl yaml-0.1 jansson
PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell pkg-config --libs $(PKGS) 2>/dev/null)
TEST_LIBS  := $(shell pkg-config --libs criterion 2>/dev/null)

# -ffp-contract=off and no -ffast-math: a fused multiply-add on one machine would give other bits than on the next.
# -fno-semantic-interposition: position-independent code may still inline its own functions.
# snprintf() cuts names on purpose, and whether gcc can prove it would depends on OPT; the last option is for clang, which does
# not know the one before.
WARN      := -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-format-truncation -Wno-unknown-warning-option
CFLAGS    ?=
LDFLAGS   ?=
ALL_CFLAGS := -std=gnu11 $(OPT) -g $(WARN) -ffp-contract=off -fno-strict-overflow -fPIC -fno-semantic-interposition -fvisibility=default \
	-I. -D_GNU_SOURCE -DOOMSIM_VERSION='"$(VERSION)"' $(PKG_CFLAGS) $(CFLAGS)
ALL_LDFLAGS := $(LDFLAGS)
ifneq ($(SANITIZER),)
ALL_CFLAGS  += -fsanitize=$(SANITIZER) -fno-omit-frame-pointer -fno-sanitize-recover=all
ALL_LDFLAGS += -fsanitize=$(SANITIZER)
endif

LIB_SRC   := $(filter-out sim/cli/%,$(wildcard sim/*/*.c)) $(wildcard models/*.c models/*/*.c)
CLI_SRC   := $(wildcard sim/cli/*.c)
LIB_OBJ   := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
CLI_OBJ   := $(CLI_SRC:%.c=$(BUILD)/obj/%.o)
# What simulates: held to "no mutable globals", so that two worlds in one process do not notice each other.
ENGINE_OBJ := $(filter $(foreach d,core mm proc world,$(BUILD)/obj/sim/$d/%) $(BUILD)/obj/models/%,$(LIB_OBJ))

TEST_DIRS := $(foreach d,core scenario sink models mm proc world report guest calibrate cli findings,$(if $(wildcard tests/$d/*.c),$d))
TEST_BIN  := $(TEST_DIRS:%=$(BUILD)/tests/%)
BENCH_SRC := $(wildcard tests/bench/*.c)
BENCH_BIN := $(BENCH_SRC:%.c=$(BUILD)/%)
FUZZ_SRC  := $(wildcard tests/fuzz/*.c)
FUZZ_BIN  := $(FUZZ_SRC:tests/fuzz/%.c=$(BUILD)/fuzz/%)
RECORDED_SRC := $(wildcard tests/recorded/*.c)
CONFORM_SRC := $(wildcard tests/conformance/*.c)
TEST_OBJ  := $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard $(TEST_DIRS:%=tests/%/*.c)) $(BENCH_SRC) $(RECORDED_SRC) $(CONFORM_SRC))

# Every shipped scenario: the top of scenarios/ and its topics, without the data it is made from. The recorded ones have a
# target of their own.
SHIPPED   := $(filter-out scenarios/presets/% scenarios/recorded/%,$(wildcard scenarios/*.yaml scenarios/*/*.yaml))
S         ?=
SCENARIOS  = $(if $(S),$(S:%=scenarios/%.yaml),$(SHIPPED))

PUBLIC_HEADERS := sim/core/units.h sim/core/alloc.h sim/core/diag.h sim/core/rng.h sim/core/digest.h sim/core/strbuf.h \
	sim/mm/vmstat.h sim/world/kubelet.h sim/world/config.h sim/world/record.h sim/world/model.h sim/world/world.h models/registry.h \
	sim/scenario/scenario.h sim/sink/sink.h sim/sink/collect_kube.h sim/sink/collect.h sim/sink/summary.h sim/sink/story.h sim/sink/klog.h

Q         := $(if $(V),,@)
say        = $(if $(V),,@echo "  $(1)	$(patsubst $(BUILD)/obj/%,%,$(2))")

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

## all: the program, build/oomsim, and the library, build/liboomsim.a and .so
.PHONY: all
all: $(BUILD)/oomsim $(BUILD)/liboomsim.a $(BUILD)/liboomsim.so $(BUILD)/.house

## demo: install what is missing, build, simulate scenarios/quickstart.yaml and say what happened
.PHONY: demo
demo: deps-build
	$(Q)$(MAKE) --no-print-directory all
	$(Q)$(BUILD)/oomsim run scenarios/quickstart.yaml -o results/quickstart

## test: install what is missing, then build and run every test; the last line counts them
.PHONY: test
test: deps-test
	$(Q)$(MAKE) --no-print-directory tests-built
	$(Q)BUILD=$(BUILD) tests/tools/run-tests.sh --determinism $(TEST_DIRS)

## check: the tests that take seconds: units and shipped scenarios
.PHONY: check
check: tests-built
	$(Q)BUILD=$(BUILD) tests/tools/run-tests.sh $(TEST_DIRS)

## check-long: everything: test, both sanitizers, the recordings, a minute of fuzzing
.PHONY: check-long
check-long: test
	$(Q)$(MAKE) --no-print-directory sanitize
	$(Q)$(MAKE) --no-print-directory recorded
	$(Q)$(MAKE) --no-print-directory fuzz

## golden-update: rewrite the goldens of all shipped scenarios, or of one with S=name; then read the diff
.PHONY: golden-update
golden-update: $(BUILD)/oomsim
	$(Q)$(BUILD)/oomsim check --update $(SCENARIOS)

## picture: redraw the README's picture from the quickstart
.PHONY: picture
picture: $(BUILD)/oomsim
	$(Q)$(BUILD)/oomsim run scenarios/quickstart.yaml -q -o results/quickstart
	$(Q)cp results/quickstart/memory.svg docs/quickstart-memory.svg

## thrashing: sweep scenarios/thrashing and draw Denning's curve and the cliff, with confidence bands; RUNS=5 seeds a point, JOBS=2
.PHONY: thrashing
RUNS ?= 5
JOBS ?= 2
thrashing: $(BUILD)/oomsim
	$(Q)rm -f $(BUILD)/thrashing-denning.csv $(BUILD)/thrashing-working-set.csv
	$(Q)$(BUILD)/oomsim sweep scenarios/thrashing/denning.yaml --vary machine.swap[0].device=hdd-7200,ssd-sata,nvme \
		--vary processes.job.count=1,3,5,7,8,9,10,11,12,14,18 --from 10s --runs $(RUNS) --jobs $(JOBS) \
		-o $(BUILD)/thrashing-denning.csv > results/thrashing/denning.csv
	$(Q)$(BUILD)/oomsim sweep scenarios/thrashing/working-set.yaml --vary kernel=5.10,6.1,6.12 \
		--vary processes.ws.workload[0].mmap.size=39683pages,44644pages,47124pages,48364pages,49604pages,52084pages,54564pages,59525pages,66965pages,74406pages,86807pages,99208pages \
		--from 2s --runs $(RUNS) --jobs $(JOBS) -o $(BUILD)/thrashing-working-set.csv > results/thrashing/working-set.csv
	$(Q)cd results/thrashing && gnuplot denning.gp && gnuplot working-set.gp

## oomstat: draw scenarios/desktop beside the two series that earlyoom measured, where those are at hand (OOMSTAT=folder)
.PHONY: oomstat
OOMSTAT ?= $(if $(OOMSIM_SHARED),$(OOMSIM_SHARED),../shared)/recordings/earlyoom-oomstat
oomstat: $(BUILD)/oomsim
	$(Q)set -e; for s in overload ontheedge; do \
		$(BUILD)/oomsim run scenarios/desktop/$$s.yaml -q --no-plot -o results/desktop-$$s; \
		awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) c[$$i] = i; next } NR % 5 == 0 { print $$1, $$c["MemAvailable"], $$c["SwapFree"], \
			$$c["psi_some_avg10"], $$c["psi_full_avg10"] }' results/desktop-$$s/timeline.csv > results/desktop/$$s.dat; done
	$(Q)cd results/desktop && gnuplot -e "MEASURED='$(abspath $(OOMSTAT))'" oomstat.gp

## bench: speed and host memory: faults/s, evictions/s, events/s, simulated seconds a second, bytes a page
.PHONY: bench
bench: $(BENCH_BIN)
	$(Q)set -e; for b in $(sort $(BENCH_BIN)); do $$b; done

## recorded: compare simulations with recordings of real kernels, where those are at hand
.PHONY: recorded
recorded: $(if $(RECORDED_SRC),$(BUILD)/tests/recorded)
	$(Q)$(if $(RECORDED_SRC),$(BUILD)/tests/recorded $(RECORDED_ARGS),echo "no comparison with recordings in this checkout")

## fidelity: all recordings of all kernels against the bars; rewrites results/fidelity and the README's row; fails when a bar is missed
.PHONY: fidelity
FIDELITY ?= results/fidelity
fidelity: $(if $(RECORDED_SRC),$(BUILD)/tests/recorded)
	$(Q)status=0; $(BUILD)/tests/recorded --kernel all --jobs 2 --fidelity $(FIDELITY) || status=$$?; \
	if [ $$status -le 1 ] && [ $(FIDELITY) = results/fidelity ]; then tests/tools/readme-headline.sh; fi; exit $$status

## conformance: what the kernel's selftests, LTP and the kernel's documentation state, case by case; ID=KST-MC for some
.PHONY: conformance
ID ?=
conformance: $(BUILD)/tests/conformance
	$(Q)$(BUILD)/tests/conformance $(ID)

## kernel-check: some shipped scenarios on a real kernel in QEMU beside their simulation; K=5.10, 6.1, 6.12 or 7.2, S=name for one
.PHONY: kernel-check
K ?= 6.1
KERNEL_SCENARIOS := leak leak-with-swap kill-allocating-task cgroup-nested cgroup-group-kill copy-on-write \
	tests/kernel/thrashing.yaml
kernel-check: $(BUILD)/oomsim $(BUILD)/kernel/guest
	$(Q)BUILD=$(BUILD) K=$(K) tests/kernel/kernel-check.sh $(KERNEL_CHECK_ARGS) $(or $(S),$(KERNEL_SCENARIOS))

## determinism: build with gcc -O0, gcc -O3, clang -O2 and both sanitizers; all digests must be equal
.PHONY: determinism
determinism:
	$(Q)tests/tools/determinism.sh $(SCENARIOS)

## sanitize: build and run the tests under AddressSanitizer, then under UndefinedBehaviorSanitizer
.PHONY: sanitize
sanitize:
	$(Q)set -e; for s in address undefined; do echo "sanitizer: $$s"; $(MAKE) --no-print-directory SANITIZER=$$s check; done

## fuzz: libFuzzer on every parser, FUZZ_TIME seconds each (60); needs clang
.PHONY: fuzz
FUZZ_TIME ?= 60
fuzz: deps-fuzz
	$(Q)$(MAKE) --no-print-directory CC=clang OPT=-O1 SANITIZER=fuzzer-no-link,address,undefined BUILD=build-fuzz FUZZ_TIME=$(FUZZ_TIME) fuzz-run

## format: rewrite all C files in the project's format
.PHONY: format
C_FILES = $(wildcard sim/*/*.[ch] models/*.[ch] models/*/*.[ch] tests/*/*.[ch])
format:
	$(Q)clang-format -i $(C_FILES)

## lint: say which C files clang-format would change, and check floors and globals
.PHONY: lint
lint: $(BUILD)/.house
	$(Q)if command -v clang-format >/dev/null; then clang-format --dry-run $(C_FILES) || true; \
	else echo "clang-format is not installed: format not checked"; fi

## install: program, libraries, headers, pkg-config file, man page and presets under PREFIX (/usr/local); DESTDIR is honoured
.PHONY: install
install: all
	$(Q)install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCDIR)/oomsim $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(DATADIR)
	$(Q)install -m 755 $(BUILD)/oomsim $(DESTDIR)$(BINDIR)/oomsim
	$(Q)install -m 644 $(BUILD)/liboomsim.a $(DESTDIR)$(LIBDIR)/liboomsim.a
	$(Q)install -m 755 $(BUILD)/liboomsim.so $(DESTDIR)$(LIBDIR)/liboomsim.so.$(VERSION)
	$(Q)ln -sf liboomsim.so.$(VERSION) $(DESTDIR)$(LIBDIR)/liboomsim.so.$(SOVERSION)
	$(Q)ln -sf liboomsim.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/liboomsim.so
	$(Q)tests/tools/install-headers.sh $(DESTDIR)$(INCDIR)/oomsim $(PUBLIC_HEADERS)
	$(Q)tests/tools/pkg-config-file.sh '$(PREFIX)' '$(LIBDIR)' '$(INCDIR)' '$(VERSION)' > $(DESTDIR)$(LIBDIR)/pkgconfig/oomsim.pc
	$(Q)install -m 644 docs/oomsim.1 $(DESTDIR)$(MANDIR)/man1/oomsim.1
	$(Q)cp -R scenarios/presets $(DESTDIR)$(DATADIR)/
	$(Q)install -d $(DESTDIR)$(DATADIR)/guest/sim/guest
	$(Q)install -m 644 $(GUEST_SRC) tests/kernel/guest.h $(DESTDIR)$(DATADIR)/guest/
	$(Q)install -m 644 sim/guest/region.h $(DESTDIR)$(DATADIR)/guest/sim/guest/

## uninstall: remove what install put there
.PHONY: uninstall
uninstall:
	$(Q)rm -f $(DESTDIR)$(BINDIR)/oomsim $(DESTDIR)$(LIBDIR)/liboomsim.a $(DESTDIR)$(LIBDIR)/liboomsim.so* \
		$(DESTDIR)$(LIBDIR)/pkgconfig/oomsim.pc $(DESTDIR)$(MANDIR)/man1/oomsim.1
	$(Q)rm -rf $(DESTDIR)$(INCDIR)/oomsim $(DESTDIR)$(DATADIR)

## deps: install the Debian packages that are missing, saying which first (demo and test do it too)
.PHONY: deps deps-build deps-test deps-fuzz deps-kernel
deps: deps-test
deps-build deps-test deps-fuzz deps-kernel: deps-%:
	$(Q)CC=$(CC) tests/tools/deps.sh $*

## clean: remove everything that was built
.PHONY: clean
clean:
	$(Q)rm -rf build build-*

## help: this list
.PHONY: help
help:
	@sed -n 's/^## \([a-z-]*\): /\1\t/p' Makefile | awk -F'\t' '{ printf "  %-15s %s\n", $$1, $$2 }'
	@echo
	@echo "  V=1 shows commands; CC=clang, OPT=-O3, SANITIZER=address or undefined, BUILD=dir choose a build"

# --- how things are built ---------------------------------------------------------------------------------------------------

# Rebuild all when flags or compiler change, and the archive when a source file goes away.
FLAGS_NOW := $(CC) $(ALL_CFLAGS) | $(ALL_LDFLAGS) | $(PKG_LIBS)
$(shell mkdir -p $(BUILD); printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' | cmp -s - $(BUILD)/.flags || \
	printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' > $(BUILD)/.flags)
$(shell printf '%s\n' '$(LIB_OBJ)' | cmp -s - $(BUILD)/.objects || printf '%s\n' '$(LIB_OBJ)' > $(BUILD)/.objects)
$(shell printf '%s\n' '$(DATADIR)' | cmp -s - $(BUILD)/.datadir || printf '%s\n' '$(DATADIR)' > $(BUILD)/.datadir)
$(BUILD)/.flags $(BUILD)/.objects $(BUILD)/.datadir: ;

# The one file that knows where presets are installed, so that another PREFIX costs one file.
$(BUILD)/obj/sim/scenario/preset.o: $(BUILD)/.datadir
$(BUILD)/obj/sim/scenario/preset.o: ALL_CFLAGS += -DOOMSIM_DATADIR='"$(DATADIR)"'

.PHONY: tests-built
tests-built: all $(TEST_BIN) $(if $(CONFORM_SRC),$(BUILD)/tests/conformance)

$(BUILD)/.libs-found:
	$(Q)pkg-config --exists --print-errors $(PKGS) || { echo "libraries are missing: 'make deps' installs them" >&2; exit 1; }
	$(Q)touch $@

$(BUILD)/obj/%.o: %.c $(BUILD)/.flags | $(BUILD)/.libs-found
	$(call say,CC,$*.c)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# Criterion's macros make functions without a prototype.
$(BUILD)/obj/tests/%.o: ALL_CFLAGS := $(filter-out -Wstrict-prototypes -Wmissing-prototypes,$(ALL_CFLAGS))

$(BUILD)/liboomsim.a: $(LIB_OBJ) $(BUILD)/.objects
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(LIB_OBJ)

$(BUILD)/liboomsim.so: $(LIB_OBJ) $(BUILD)/.objects
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,liboomsim.so.$(SOVERSION) $(if $(SANITIZER),,-Wl,-z,defs) $(ALL_LDFLAGS) $(LIB_OBJ) -o $@ $(PKG_LIBS)

$(BUILD)/oomsim: $(CLI_OBJ) $(BUILD)/liboomsim.a
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) $(CLI_OBJ) $(BUILD)/liboomsim.a -o $@ $(PKG_LIBS)

# The house keeps its rules: includes go down the floors, and the engine has no mutable globals (sanitizers add their own,
# so only a plain build is asked).
$(BUILD)/.house: $(LIB_OBJ) $(CLI_OBJ) tests/tools/floors.sh tests/tools/globals.sh
	$(Q)tests/tools/floors.sh
	$(Q)$(if $(SANITIZER),true,tests/tools/globals.sh $(ENGINE_OBJ))
	$(Q)touch $@

# The program that is PID 1 of a guest (docs/compare-kernel.md): static, since nothing else is in its initramfs, and built the same
# whatever else this build is for.
GUEST_SRC := $(wildcard tests/kernel/*.c)
$(BUILD)/kernel/guest: $(GUEST_SRC) tests/kernel/guest.h sim/guest/region.h
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -O2 $(WARN) -static -s -I. $(GUEST_SRC) -o $@ -lm

# One runner for each directory of tests, named after it.
define runner
$(BUILD)/tests/$(1): $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/$(1)/*.c)) $(BUILD)/liboomsim.a
	$$(call say,LD,$$@)
	$(Q)mkdir -p $$(@D)
	$(Q)$$(CC) $$(ALL_LDFLAGS) $$(filter %.o,$$^) $(BUILD)/liboomsim.a -o $$@ $(TEST_LIBS) $(PKG_LIBS)
endef
$(foreach d,$(TEST_DIRS) $(if $(RECORDED_SRC),recorded) $(if $(CONFORM_SRC),conformance),$(eval $(call runner,$d)))

# The errors of `make fidelity` are tested beside what it is made of.
$(BUILD)/tests/calibrate: $(patsubst %,$(BUILD)/obj/tests/recorded/%.o,bars compare measure table)

# Its formulas of PSI want a machine without programs of its own.
$(BUILD)/tests/conformance: $(BUILD)/obj/tests/proc/testworld.o

$(BENCH_BIN): $(BUILD)/tests/bench/%: $(BUILD)/obj/tests/bench/%.o $(BUILD)/liboomsim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) $< $(BUILD)/liboomsim.a -o $@ $(PKG_LIBS)

# Fuzzers are linked by clang alone; each may have a corpus tests/fuzz/NAME/ and a dictionary tests/fuzz/NAME.dict.
$(FUZZ_BIN): $(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/liboomsim.a
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer $< $(BUILD)/liboomsim.a -o $@ $(PKG_LIBS)

.PHONY: fuzz-run
fuzz-run: $(FUZZ_BIN)
	$(Q)set -e; for f in $(FUZZ_BIN:$(BUILD)/fuzz/%=%); do \
		mkdir -p $(BUILD)/corpus/$$f; dict=; \
		if [ -f tests/fuzz/$$f.dict ]; then dict=-dict=tests/fuzz/$$f.dict; fi; \
		seeds=; if [ -d tests/fuzz/$$f ]; then seeds=tests/fuzz/$$f; fi; \
		$(BUILD)/fuzz/$$f -max_total_time=$(FUZZ_TIME) -timeout=10 -verbosity=0 -print_final_stats=1 \
			-artifact_prefix=$(BUILD)/$$f- $$dict $(BUILD)/corpus/$$f $$seeds; \
	done

-include $(LIB_OBJ:.o=.d) $(CLI_OBJ:.o=.d) $(TEST_OBJ:.o=.d) $(FUZZ_SRC:%.c=$(BUILD)/obj/%.d)
