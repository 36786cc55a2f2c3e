# SPDX-License-Identifier: Apache-2.0
# libtroth.mk - the client library, included by the Makefile.
#
# The library is made of its own sources and of those of common/ that a client needs, all compiled a
# second time: position independent and hidden. So it shows what troth.map lists and nothing else,
# the static one too: there the objects are joined into one, and what is hidden becomes local.

TROTH_C := $(wildcard proto/libtroth/*.c)
TROTH_COMMON_C := $(patsubst %,common/%.c,base/arena base/bytes base/err base/instant base/secret_file \
    base/text base/xalloc runtime/bus runtime/bus_keys runtime/bus_link runtime/bus_profile runtime/loop \
    runtime/message_check runtime/record_key runtime/record_sender)
TROTH_O := $(patsubst %.c,$(OBJ)/pic/%.o,$(TROTH_C) $(TROTH_COMMON_C)) $(OBJ)/pic/gen/intake.pb-c.o
TROTH_PACKAGES := libprotobuf-c libzmq libsodium
TROTH_MAJOR := 1

TROTH_SO := $(OUT)/lib/libtroth.so.$(VERSION)
TROTH_A  := $(OUT)/lib/libtroth.a
TROTH_PC := proto/libtroth/troth.pc.in

PIC := -fPIC -fvisibility=hidden -ffunction-sections -fdata-sections

$(OBJ)/pic/gen/%.o: $(GEN)/%.c Makefile proto/libtroth/libtroth.mk | $(GEN_H)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -w $(PIC) -fvisibility=default $(CFLAGS) -c -o $@ $<

$(OBJ)/pic/%.o: %.c Makefile proto/libtroth/libtroth.mk | $(GEN_H) have-packages
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) $(WARN) $(WARN_$(COMPILER)) $(PIC) $(CFLAGS) -c -o $@ $<

-include $(TROTH_O:.o=.d) $(patsubst %.c,$(OBJ)/%.d,$(TROTH_C))

# A sanitizer's own symbols come from the program.
$(TROTH_SO): $(TROTH_O) proto/libtroth/troth.map
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -g $(OPTIMIZE) -Wl,-z,relro,-z,now -Wl,--gc-sections -Wl,--as-needed \
	    $(if $(SAN)$(FUZZ),,-Wl,-z,defs) -Wl,-soname,libtroth.so.$(TROTH_MAJOR) \
	    -Wl,--version-script=proto/libtroth/troth.map $(CFLAGS) $(LDFLAGS) -o $@ $(TROTH_O) \
	    $$(pkg-config --libs $(TROTH_PACKAGES)) -lpthread
	$(Q)ln -sf $(@F) $(@D)/libtroth.so.$(TROTH_MAJOR)
	$(Q)ln -sf $(@F) $(@D)/libtroth.so

$(TROTH_A): $(TROTH_O)
	$(call say,AR,$@)
	@mkdir -p $(@D) && rm -f $@
	$(Q)ld -r -o $(@:.a=.o) $^ && objcopy --localize-hidden $(@:.a=.o) && $(AR) rcs $@ $(@:.a=.o)

# What the unit tests see: not troth_absent.c, they have all of common/.
$(OUT)/lib/libtroth-private.a: $(patsubst %.c,$(OBJ)/%.o,$(filter-out %/troth_absent.c,$(TROTH_C)))
	$(archive)

$(OUT)/tests/unit/libtroth/%: $(OBJ)/tests/unit/libtroth/%.o $(OUT)/lib/libtroth-private.a \
    $(LIB_SUPPORT) $(BELOW)
	$(link_test)

.PHONY: libtroth install-libtroth
libtroth: $(TROTH_SO) $(TROTH_A)

# ---- what the example for Node needs, for its test. A registry that cannot be reached is told by
# that test; it must not keep the others from running. Node trusts a list of its own; who sits behind
# a proxy has its certificate in the system's.

SYSTEM_CA := $(wildcard /etc/ssl/certs/ca-certificates.crt)

NODE_MODULES := $(BUILD)/node/node_modules/.package-lock.json
# What tests compare with.
TEST_NODE_MODULES := $(BUILD)/node-tests/node_modules/.package-lock.json

# Who looks at the dashboard: tests/browser. The browser itself is Debian's.
BROWSER_NODE_MODULES := $(BUILD)/node-browser/node_modules/.package-lock.json

.PHONY: node-modules
node-modules: $(NODE_MODULES) $(TEST_NODE_MODULES) $(BROWSER_NODE_MODULES)

$(NODE_MODULES): proto/examples/node/package.json proto/examples/node/package-lock.json
$(TEST_NODE_MODULES): tests/support/node/package.json tests/support/node/package-lock.json
$(BROWSER_NODE_MODULES): tests/browser/package.json tests/browser/package-lock.json

# Without scripts: zeromq brings its library along, and nothing is compiled or run at installation.
$(NODE_MODULES) $(TEST_NODE_MODULES) $(BROWSER_NODE_MODULES): $(BUILD)/%/node_modules/.package-lock.json:
	$(call say,NPM,$@)
	@mkdir -p $(BUILD)/$*
	@cp $^ $(BUILD)/$*
	@npm ci --prefix $(BUILD)/$* --ignore-scripts --no-audit --no-fund \
	    $(addprefix --cafile=,$(SYSTEM_CA)) \
	    > $(BUILD)/$*/npm.log 2>&1 || { rm -f $@; echo "npm failed: $(BUILD)/$*/npm.log"; }

# ---- installation; the folders are those of deploy/install/install.mk

install-libtroth: libtroth
	install -d '$(DESTDIR)$(includedir)/troth' '$(DESTDIR)$(libdir)/pkgconfig'
	install -m 644 proto/libtroth/troth.h $(GEN)/intake.pb-c.h '$(DESTDIR)$(includedir)/troth'
	install -m 644 $(TROTH_A) '$(DESTDIR)$(libdir)'
	install -m 644 $(TROTH_SO) '$(DESTDIR)$(libdir)'
	ln -sf libtroth.so.$(VERSION) '$(DESTDIR)$(libdir)/libtroth.so.$(TROTH_MAJOR)'
	ln -sf libtroth.so.$(TROTH_MAJOR) '$(DESTDIR)$(libdir)/libtroth.so'
	sed -e 's,@PREFIX@,$(prefix),' -e 's,@LIBDIR@,$(patsubst $(prefix)/%,$${prefix}/%,$(libdir)),' \
	    -e 's,@INCLUDEDIR@,$(patsubst $(prefix)/%,$${prefix}/%,$(includedir)),' \
	    -e 's,@VERSION@,$(VERSION),' $(TROTH_PC) > '$(DESTDIR)$(libdir)/pkgconfig/troth.pc'
