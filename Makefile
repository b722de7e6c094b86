# mm: a mail gateway of small filters.
#   make            install what is missing (Debian), build build/mm-*
#   make demo       see a whole gateway work, on loopback
#   make check      build, run every test; T=tests/cmd/mm-queue.sh for some
#   make bench      figures beside a peer; T=tests/bench/accepts.sh for some
#   make fuzz       every fuzz target for FUZZ_SECONDS=10
#   make lint       static checks
#   make install    DESTDIR, PREFIX, MANDIR; make uninstall
#   make SAN=1 ...  the same with AddressSanitizer and UBSan, in build/san
#   make RELEASE=1  warnings do not stop the build
#   make V=1        the whole command lines

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
DOCDIR ?= $(PREFIX)/share/doc/mm

CC ?= cc
PKG_CONFIG ?= pkg-config
INSTALL ?= install
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wvla -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
	-Wwrite-strings -Wpointer-arith -Wundef -Wformat=2 -Wno-format-nonliteral \
	-Wno-missing-field-initializers
HARDEN := -fstack-protector-strong -fPIE
ifdef FUZZ
B := build/fuzz
CC := clang
HARDEN += -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer
LDFLAGS += -fsanitize=fuzzer,address,undefined
else ifdef SAN
B := build/san
HARDEN += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
else
B := build
HARDEN += -D_FORTIFY_SOURCE=2
LDFLAGS += -pie -Wl,-z,relro,-z,now
endif
ifndef RELEASE
WARN += -Werror
endif

# libev's macros pun types.
ALL_CFLAGS = -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -fno-strict-aliasing \
	-iquote common $(HARDEN) $(WARN) $(CFLAGS) $(PKG_CFLAGS)

PROGRAMS := $(notdir $(wildcard cmd/mm-*))
BINARIES := $(PROGRAMS:%=$(B)/%)

# What each program links beside libmm.a, jansson and libev.
LIBS_mm-archive := sqlite3 libarchive libzstd gmime-3.0 libcrypto
LIBS_mm-notify := libcurl libcrypto gmime-3.0
LIBS_mm-policy := gmime-3.0
LIBS_mm-queue := sqlite3 libxxhash libidn2
LIBS_mm-relay := libssl libcrypto libunbound libresolv libidn2 libcurl zlib gmime-3.0
LIBS_mm-rule := gmime-3.0
LIBS_mm-s3put := libcurl libcrypto
LIBS_mm-scan := libunbound libresolv libcurl libcrypto gmime-3.0 libpsl libidn2
LIBS_mm-search := sqlite3 libzstd glib-2.0 libcrypto
LIBS_mm-smtpd := libssl libcrypto libcrypt
LIBS_mm-verdict := libunbound libresolv opendkim libspf2 libcrypto libidn2 libpsl sqlite3 zlib

PKGS := jansson glib-2.0 gmime-3.0 libssl libcrypto libunbound opendkim sqlite3 libarchive libzstd \
	libcurl libcrypt libseccomp libpcre2-8 libidn2 libxxhash libpsl zlib
# The C library and Debian's libspf2 and libev come without a .pc file; libunbound's
# asks for a libevent.pc that only one of its functions needs, and has no flags.
PKG_LIBS_libspf2 := -lspf2
PKG_LIBS_libresolv := -lresolv
pkg_libs = $(foreach l,$1,$(PKG_LIBS_$l))
BASE_LIBS = $(call pkg_libs,jansson libpcre2-8 libseccomp) -lm -lpthread
# libev.so also carries functions by the names of libevent's, which then take the
# place of those that libunbound means, and overrun its memory.  The static library,
# before any other, gives only what we ask of it.
LIBEV := -l:libev.a
EVERY_LIB = $(call pkg_libs,$(sort $(foreach p,$(PROGRAMS),$(LIBS_$p)) libunbound libssl \
	libcrypto gmime-3.0)) $(BASE_LIBS)

COMMON_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard common/*.c))
LIBMM := $(B)/libmm.a
objects = $(patsubst %.c,$(B)/%.o,$(wildcard cmd/$1/*.c))
# A program without its main file, for unit tests and fuzz targets.
parts = $(filter-out $(B)/cmd/$1/$1.o,$(call objects,$1))

say = $(if $(V),,@echo '  $1 $2';)

all: $(BINARIES)

# What pkg-config says.  Made before anything is compiled, and after the packages
# are there: on a bare machine pkg-config itself is one of them.
ifneq ($(filter-out clean uninstall,$(or $(MAKECMDGOALS),all)),)
include build/config.mk
endif
# Whoever must type the command that installs packages types it once.
GROUPS = build $(if $(filter demo,$(MAKECMDGOALS)),demo) \
	$(if $(filter check bench lint fuzz,$(MAKECMDGOALS)),test) \
	$(if $(filter lint fuzz,$(MAKECMDGOALS)),static)
build/config.mk: Makefile .ci/packages
	@.ci/packages $(GROUPS)
	@mkdir -p build
	@{ flags=$$($(PKG_CONFIG) --cflags $(filter-out libunbound,$(PKGS))) && \
	echo "PKG_CFLAGS := $$flags" && \
	for l in $(PKGS); do \
		libs=$$($(PKG_CONFIG) --libs $$l) || exit; \
		echo "PKG_LIBS_$$l := $$libs"; \
	done; } >$@.new && mv $@.new $@

$(LIBMM): $(COMMON_OBJ)
	@rm -f $@
	$(call say,AR,$@)$(AR) rcsD $@ $^

$(B)/%.o: %.c | build/config.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define program_rule
$(B)/$1: $(call objects,$1) $(LIBMM)
	$$(call say,LD,$$@)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LIBEV) $$(call pkg_libs,$$(LIBS_$1)) $$(BASE_LIBS)
$(B)/lib$1.a: $(call parts,$1)
	@rm -f $$@
	$$(call say,AR,$$@)$$(AR) rcsD $$@ $$^
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$p)))

# tests/unit/common/x.c links libmm.a; tests/unit/mm-NAME/x.c also that program's
# objects without its main file, and finds its headers.
UNIT_SRC := $(wildcard tests/unit/*/*.c)
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%.t)
define unit_rule
$(B)/tests/unit/$1/%.o: ALL_CFLAGS += -iquote tests/unit $(if $(wildcard cmd/$1),-iquote cmd/$1)
$(B)/tests/unit/$1/%.t: $(B)/tests/unit/$1/%.o $(call parts,$1) $(LIBMM)
	$$(call say,LD,$$@)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LIBEV) $$(EVERY_LIB)
endef
$(foreach d,$(sort $(notdir $(patsubst %/,%,$(dir $(UNIT_SRC))))),$(eval $(call unit_rule,$d)))

# Programs that tests need and no user does.
HELPERS := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard tests/tools/*.c))
$(B)/tools/%: $(B)/tests/tools/%.o $(LIBMM)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(LDFLAGS) -o $@ $^ $(LIBEV) $(call pkg_libs,libssl libcrypto) $(BASE_LIBS)

# Libraries that tests put before a program's own.
PRELOADS := $(patsubst tests/tools/preload/%.c,$(B)/tools/%.so,$(wildcard tests/tools/preload/*.c))
$(B)/tools/%.so: tests/tools/preload/%.c
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -fPIC -Wall -Wextra -shared -o $@ $<

unit: $(UNIT_BIN)

# Tests in tests/system share the machine's attention (whole gateways, crashes,
# time-outs), so they run one after the other, beside the rest.
JOBS ?= 2
T ?= $(UNIT_BIN) $(sort $(wildcard tests/cmd/*.sh tests/system/*.sh))
check: all unit $(HELPERS) $(PRELOADS)
	@.ci/packages build test
	@MM_BUILD=$(abspath $(B)) PATH="$(abspath $(B)):$$PATH" prove -j $(JOBS) \
		--rules 'seq=tests/system/*' --rules 'par=**' --exec tests/lib/run $(PROVE) $T

demo: all
	@.ci/packages build demo
	@PATH="$(abspath $(B)):$$PATH" examples/demo.sh

# tests/fuzz/x.c may use common/ and the parts of every program; tests/fuzz/mm-NAME/x.c
# common/ and the parts of that one, and finds its headers.
FUZZ_SECONDS ?= 10
FUZZ_SRC := $(wildcard tests/fuzz/*.c tests/fuzz/*/*.c)
FUZZ_BIN := $(FUZZ_SRC:%.c=$(B)/%)
$(B)/tests/fuzz/%.o: ALL_CFLAGS += -Wno-missing-prototypes $(patsubst %,-iquote cmd/%,$(or \
	$(filter $(PROGRAMS),$(subst /, ,$*)),$(PROGRAMS)))
define fuzz_rule
$(B)/tests/fuzz/$1%: $(B)/tests/fuzz/$1%.o $(patsubst %,$(B)/lib%.a,$2) $(LIBMM)
	$$(call say,LD,$$@)$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(LIBEV) $$(EVERY_LIB)
endef
$(eval $(call fuzz_rule,,$(PROGRAMS)))
$(foreach p,$(PROGRAMS),$(eval $(call fuzz_rule,$p/,$p)))
fuzz:
	@.ci/packages static
	@$(MAKE) --no-print-directory FUZZ=1 fuzz-targets
	@tests/fuzz/run $(FUZZ_SECONDS) $(patsubst %.c,build/fuzz/%,$(or $(filter tests/fuzz/%,$T),$(FUZZ_SRC)))
fuzz-targets: $(FUZZ_BIN)

bench: all $(HELPERS)
	@.ci/packages build test
	@MM_BUILD=$(abspath $(B)) PATH="$(abspath $(B)):$$PATH" tests/bench/run \
		$(filter tests/bench/%,$(if $(filter command,$(origin T)),$T,$(wildcard tests/bench/*.sh)))

lint: build/config.mk
	@.ci/packages static test
	@CFLAGS='$(filter-out -W% -f% -D_FORTIFY%,$(ALL_CFLAGS))' tests/lib/lint

MAN := $(wildcard man/*.[1-9])
SHELLS := bash zsh fish
COMPDIR_bash = $(BASHCOMPDIR)
COMPDIR_zsh = $(ZSHCOMPDIR)
COMPDIR_fish = $(FISHCOMPDIR)
EXAMPLES = $(shell find examples -type f 2>/dev/null | sort)
install: all
	$(INSTALL) -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(DOCDIR)' \
		$(foreach s,$(SHELLS),'$(DESTDIR)$(COMPDIR_$s)')
	$(if $(BINARIES),$(INSTALL) -m 755 $(BINARIES) '$(DESTDIR)$(BINDIR)')
	@set -e; for m in $(MAN); do \
		$(INSTALL) -D -m 644 $$m '$(DESTDIR)$(MANDIR)'/man$${m##*.}/$${m##*/}; \
	done
	@set -e; $(foreach s,$(SHELLS),$(INSTALL) -m 644 completions/$s/* '$(DESTDIR)$(COMPDIR_$s)';)
	$(INSTALL) -m 644 README.md LICENSE '$(DESTDIR)$(DOCDIR)'
	@set -e; for f in $(EXAMPLES); do \
		mode=644; if [ -x $$f ]; then mode=755; fi; \
		$(INSTALL) -D -m $$mode $$f '$(DESTDIR)$(DOCDIR)'/$$f; \
	done

uninstall:
	rm -f $(foreach p,$(PROGRAMS),'$(DESTDIR)$(BINDIR)/$p') \
		$(foreach m,$(MAN),'$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $m))/$(notdir $m)') \
		$(foreach s,$(SHELLS),$(foreach c,$(wildcard completions/$s/*),'$(DESTDIR)$(COMPDIR_$s)/$(notdir $c)'))
	rm -rf '$(DESTDIR)$(DOCDIR)'

clean:
	rm -rf build

-include $(shell find $(B) -name '*.d' -not -path 'build/san/*' -not -path 'build/fuzz/*' 2>/dev/null)
ifneq ($(B),build)
-include $(shell find $(B) -name '*.d' 2>/dev/null)
endif

.PHONY: all check demo install uninstall bench clean unit fuzz fuzz-targets lint
.DELETE_ON_ERROR:
.SECONDARY:
