# SPDX-License-Identifier: Apache-2.0
# web.mk - the dashboard: static files in $(BUILD)/web, the same for every variant.
#
# It is built from a copy in $(BUILD)/web-work, so that node_modules is never in the tree. npm is
# asked again only when the lock file changes, Vite only when a source does.

WEB_FROM := services/reporting/web
WEB_WORK := $(BUILD)/web-work
WEB_OUT  := $(BUILD)/web
WEB_SRC  := $(shell find $(WEB_FROM)/src $(WEB_FROM)/dev $(WEB_FROM)/test -type f 2>/dev/null) \
            $(addprefix $(WEB_FROM)/,index.html vite.config.ts tsconfig.json)
WEB_MODULES := $(WEB_WORK)/node_modules/.package-lock.json

.PHONY: web web-if-possible web-check
web: web-if-possible ## build the dashboard into build/web
	@[ -e $(WEB_MODULES) ]

# Where npm's registry is out of reach there is no dashboard, and everything else all the same.
web-if-possible: $(WEB_OUT)/index.html $(OUT)/web

# dev and test go along for web-check; Vite takes src alone.
$(WEB_OUT)/index.html: $(WEB_MODULES) $(WEB_SRC)
	$(call say,VITE,$(WEB_OUT))
	@[ ! -e $(WEB_MODULES) ] || { cd $(WEB_WORK) && rm -rf src dev test && \
	    cp -R $(addprefix '$(CURDIR)'/$(WEB_FROM)/,src dev test index.html vite.config.ts tsconfig.json) . && \
	    WEB_OUT='$(abspath $(WEB_OUT))' npm run build > vite.log 2>&1 && touch '$(abspath $@)'; } || \
	    { tail -n 30 $(WEB_WORK)/vite.log; rm -f $@; exit 1; }

# Programs of every variant find it beside bin.
ifneq ($(OUT),$(BUILD))
$(OUT)/web:
	@mkdir -p $(OUT) && ln -sfn '$(abspath $(WEB_OUT))' $@
else
$(OUT)/web: $(WEB_OUT)/index.html
endif

# Without scripts: nothing is compiled or run at installation.
$(WEB_MODULES): $(WEB_FROM)/package.json $(WEB_FROM)/package-lock.json
	$(call say,NPM,$(WEB_WORK))
	@command -v npm >/dev/null || { echo "npm is missing: run 'make deps' first" >&2; exit 1; }
	@mkdir -p $(WEB_WORK) && cp $^ $(WEB_WORK)
	@npm ci --prefix $(WEB_WORK) --ignore-scripts --no-audit --no-fund \
	    $(addprefix --cafile=,$(SYSTEM_CA)) > $(WEB_WORK)/npm.log 2>&1 || \
	    { rm -f $@; echo "no dashboard, npm failed: $(WEB_WORK)/npm.log"; }
	@[ ! -e $@ ] || touch $@

web-check: web ## types and unit tests of the dashboard
	@cd $(WEB_WORK) && npx tsc --noEmit && node dev/run_tests.mjs
