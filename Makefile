# mm: a mail gateway of small filters.
#   make            build build/mm-*
#   make demo       see a whole gateway work, on loopback
#   make check      install what is missing, build, run every test
#   make install    DESTDIR, PREFIX, MANDIR
#   make bench      figures beside a peer
#   make SAN=1 ...  the same with AddressSanitizer and UBSan, in build/san
#   make RELEASE=1  warnings do not stop the build

PREFIX ?= /usr/local
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
EXAMPLEDIR ?= $(PREFIX)/share/doc/mm/examples

CC ?= cc
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wvla -Wshadow -Wmissing-prototypes -Wstrict-prototypes \
	-Wwrite-strings -Wpointer-arith -Wundef -Wformat=2
HARDEN := -fstack-protector-strong -fPIE
ifdef SAN
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
	-Icommon $(HARDEN) $(WARN) $(CFLAGS) $(PKG_CFLAGS)

PROGRAMS := $(notdir $(wildcard cmd/mm-*))
BINARIES := $(PROGRAMS:%=$(B)/%)

# What each program links beside libmm.a, jansson and libev.
LIBS_mm-archive := sqlite3 libarchive libzstd gmime-3.0 libcrypto
LIBS_mm-notify := libcurl libcrypto
LIBS_mm-policy :=
LIBS_mm-queue := sqlite3
LIBS_mm-relay := libssl libcrypto libunbound
LIBS_mm-rule := gmime-3.0
LIBS_mm-s3put := libcurl libcrypto
LIBS_mm-scan := libunbound
LIBS_mm-search := sqlite3 libarchive libzstd gmime-3.0
LIBS_mm-smtpd := libssl libcrypto libcrypt
LIBS_mm-verdict := libunbound opendkim libspf2 libcrypto

# Debian's libspf2 and libev come without a .pc file.
NOPC := libspf2
LIBDEPS_libspf2 := -lspf2
PKGS := jansson gmime-3.0 libssl libcrypto libunbound opendkim sqlite3 libarchive libzstd \
	libcurl libcrypt libseccomp libpcre2-8
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
pkg_libs = $(foreach l,$1,$(or $(LIBDEPS_$l),$(shell $(PKG_CONFIG) --libs $l)))
BASE_LIBS = $(call pkg_libs,jansson libpcre2-8 libseccomp) -lev -lpthread

COMMON_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard common/*.c))
LIBMM := $(B)/libmm.a
objects = $(patsubst %.c,$(B)/%.o,$(wildcard cmd/$1/*.c))
main_object = $(B)/cmd/$1/$1.o

all: $(BINARIES)

$(LIBMM): $(COMMON_OBJ)
	$(AR) rcsD $@ $^

$(B)/%.o: %.c | build/.packages
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define program_rule
$(B)/$1: $(call objects,$1) $(LIBMM)
	$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(call pkg_libs,$$(LIBS_$1)) $$(BASE_LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program_rule,$p)))

# tests/unit/common/x.c links libmm.a; tests/unit/mm-NAME/x.c also that program's
# objects without its main file.
UNIT_SRC := $(wildcard tests/unit/*/*.c)
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%.t)
ALL_PKG_LIBS = $(call pkg_libs,$(sort $(foreach p,$(PROGRAMS),$(LIBS_$p)) libunbound libssl gmime-3.0))

define unit_rule
$(B)/tests/unit/$1/%.t: $(B)/tests/unit/$1/%.o $(filter-out $(call main_object,$1),$(call objects,$1)) $(LIBMM)
	$$(CC) $$(LDFLAGS) -o $$@ $$^ $$(ALL_PKG_LIBS) $$(BASE_LIBS)
endef
$(foreach d,$(sort $(notdir $(patsubst %/,%,$(dir $(UNIT_SRC))))),$(eval $(call unit_rule,$d)))
$(B)/tests/unit/%.o: ALL_CFLAGS += -Itests/unit $(if $(filter mm-%,$(firstword $(subst /, ,$*))),)
.PRECIOUS: $(B)/tests/unit/%.o

build/.packages:
	@mkdir -p build
	@touch $@

# Programs that tests need and no user does.
HELPERS := $(patsubst tests/tools/%.c,$(B)/tools/%,$(wildcard tests/tools/*.c))
$(B)/tools/%: $(B)/tests/tools/%.o $(LIBMM)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $^ $(call pkg_libs,libssl libcrypto) $(BASE_LIBS)

unit: $(UNIT_BIN)

clean:
	rm -rf build

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: all check demo install bench clean unit
