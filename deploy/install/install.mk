# SPDX-License-Identifier: Apache-2.0
# install.mk - where things go, the manual pages and the Debian packages; included by the Makefile.
#
#   make install prefix=/usr                     straight into the system
#   make install DESTDIR=/tmp/root prefix=/usr   into a folder that somebody packs
#   make uninstall prefix=/usr                   and out again: the same folders must be said
#
# The names are GNU's. Nothing is written outside of DESTDIR, nothing is started, enabled or made beside
# the files: users, folders and services wait for the operator (deploy/README.md). Settings are looked for
# in /etc whatever the prefix is: the programs have that path in them.

prefix         ?= /usr/local
exec_prefix    ?= $(prefix)
bindir         ?= $(exec_prefix)/bin
libdir         ?= $(exec_prefix)/lib
includedir     ?= $(prefix)/include
datarootdir    ?= $(prefix)/share
datadir        ?= $(datarootdir)
docdir         ?= $(datarootdir)/doc/troth
mandir         ?= $(datarootdir)/man
sysconfdir     ?= /etc
localstatedir  ?= /var
runstatedir    ?= /run
unitdir        ?= $(prefix)/lib/systemd/system
sysusersdir    ?= $(prefix)/lib/sysusers.d
tmpfilesdir    ?= $(prefix)/lib/tmpfiles.d

SHARE    := $(datadir)/troth
EXAMPLES := $(docdir)/examples

# ---- manual pages: from --help of the programs and from the commented samples

MAN_DONE := $(BUILD)/man/.done
MAN_FROM := $(wildcard deploy/man/*) $(wildcard deploy/config/*.conf deploy/mappings/*.conf) CHANGELOG.md

.PHONY: man-pages
man-pages: $(MAN_DONE)

$(MAN_DONE): $(PROGRAMS) $(MAN_FROM)
	$(call say,MAN,$(@D))
	@rm -rf $(@D) && mkdir -p $(@D)
	$(Q)$(PYTHON) deploy/man/make_man.py --programs $(OUT)/bin --version $(VERSION) --out $(@D)
	@touch $@

# ---- units: one template each, and the confinement that they share in one file

UNIT_IN   := $(wildcard deploy/systemd/*.service.in deploy/systemd/*.timer.in deploy/systemd/*.target.in)
UNITS     := $(patsubst deploy/systemd/%.in,%,$(UNIT_IN))
CONFINE   := deploy/systemd/confinement.in
# '|' parts what sed replaces; no folder may have one.
FILL_IN    = sed -e '/^@confinement@$$/{r $(CONFINE)' -e 'd}' \
             -e 's|@bindir@|$(bindir)|g;s|@sysconfdir@|$(sysconfdir)|g;s|@localstatedir@|$(localstatedir)|g' \
             -e 's|@datadir@|$(datadir)|g;s|@docdir@|$(docdir)|g;s|@runstatedir@|$(runstatedir)|g'
# What a sample names of the installation, it names where that is. In /etc, /var and /run it is anyway.
FILL_SAMPLE = sed -e 's|/usr/share/troth|$(SHARE)|g;s|"/etc/troth|"$(sysconfdir)/troth|g;s|"/var/lib/troth|"$(localstatedir)/lib/troth|g'

# For other machines than Troth's own: that of the database, and of who watches.
EXTRAS := $(wildcard deploy/backup deploy/high-availability deploy/monitoring deploy/prometheus deploy/grafana)

.PHONY: install-troth remove-installed debian-packages
install-troth: all man-pages
	install -d '$(DESTDIR)$(bindir)'
	install -m 755 $(PROGRAMS) '$(DESTDIR)$(bindir)'
	deploy/install/install-tree.sh database '$(DESTDIR)$(SHARE)/database'
	deploy/install/install-tree.sh proto '$(DESTDIR)$(SHARE)/proto'
	[ ! -e $(WEB_OUT)/index.html ] || deploy/install/install-tree.sh web '$(DESTDIR)$(SHARE)/web' $(WEB_OUT)
	install -d '$(DESTDIR)$(EXAMPLES)/mappings' '$(DESTDIR)$(EXAMPLES)/asterisk' '$(DESTDIR)$(EXAMPLES)/postgresql'
	for one in deploy/config/*.conf deploy/mappings/*.conf; do \
	    to=$${one#deploy/}; to='$(DESTDIR)$(EXAMPLES)'/$${to#config/}; \
	    $(FILL_SAMPLE) "$$one" >"$$to" && chmod 644 "$$to" || exit 1; done
	install -m 644 deploy/config/asterisk/*.conf '$(DESTDIR)$(EXAMPLES)/asterisk'
	install -m 644 deploy/systemd/postgresql/*.conf '$(DESTDIR)$(EXAMPLES)/postgresql'
	for one in $(EXTRAS); do \
	    deploy/install/install-tree.sh "$$one" '$(DESTDIR)$(EXAMPLES)'/"$${one#deploy/}" || exit 1; done
	install -m 644 README.md CHANGELOG.md '$(DESTDIR)$(docdir)'
	install -m 644 deploy/systemd/README.md '$(DESTDIR)$(docdir)/systemd.md'
	for one in $(BUILD)/man/*.[1-9]; do \
	    install -D -m 644 "$$one" "$(DESTDIR)$(mandir)/man$${one##*.}/$${one##*/}" || exit 1; done
	install -d '$(DESTDIR)$(unitdir)' '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)'
	for one in $(UNITS); do \
	    $(FILL_IN) "deploy/systemd/$$one.in" >"$(DESTDIR)$(unitdir)/$$one" && \
	    chmod 644 "$(DESTDIR)$(unitdir)/$$one" || exit 1; done
	$(FILL_IN) deploy/systemd/sysusers.conf.in >'$(DESTDIR)$(sysusersdir)/troth.conf'
	$(FILL_IN) deploy/systemd/tmpfiles.conf.in >'$(DESTDIR)$(tmpfilesdir)/troth.conf'
	chmod 644 '$(DESTDIR)$(sysusersdir)/troth.conf' '$(DESTDIR)$(tmpfilesdir)/troth.conf'

# What would be installed is installed elsewhere, and its names are removed here: the two cannot differ.
remove-installed: DRY = $(abspath $(BUILD))/uninstall
remove-installed:
	@rm -rf '$(DRY)'
	@$(SUBMAKE) -s install DESTDIR='$(DRY)'
	@cd '$(DRY)' && find . -type f -o -type l | while read -r one; do rm -f "$(DESTDIR)/$$one"; done
	@cd '$(DRY)' && find . -depth -type d -path '*troth*' | \
	    while read -r one; do rmdir --ignore-fail-on-non-empty "$(DESTDIR)/$$one" 2>/dev/null || :; done
	@rm -rf '$(DRY)'

# ---- Debian

debian-packages:
	@deploy/debian/make-packages.sh '$(VERSION)' '$(abspath $(BUILD))/deb'
