# Two commands do most of it: make run, make test. make help lists the rest.

ADDR ?= 127.0.0.1:8080
DATA_DIR ?= data
OUT ?=

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
ROOMS := cmd handlers jobs queries views

# Tools have module files of their own, so that the product's go.mod names what
# the product needs. Without cgo they build faster, and without a C compiler.
TOOLS := queries/internal/tools
SQLC := CGO_ENABLED=0 go tool -modfile=$(TOOLS)/sqlc.mod sqlc
LINT := CGO_ENABLED=0 go tool -modfile=$(TOOLS)/lint.mod golangci-lint
VULN := CGO_ENABLED=0 go tool -modfile=$(TOOLS)/vuln.mod govulncheck

STYLES := views/styles
PACKAGES := $(STYLES)/node_modules/.package-lock.json

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.PHONY: help run build test check generate css vuln attack bench bench-contacts bench-webhooks faults screens
.PHONY: check-format check-vet check-lint check-sqlc check-tidy check-licences check-css check-schema

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## the demo, at ADDR (127.0.0.1:8080) with its data in DATA_DIR (data); Ctrl-C ends it
	@.ci/install postgresql
	@$(MAKE) build
	@ADDR="$(ADDR)" DATA_DIR="$(DATA_DIR)" exec bin/atrium demo

build: ## bin/atrium
	@CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/atrium ./cmd/atrium

# Not from Go's test cache: it does not see PostgreSQL and Chromium come and go. One package at a time: browsers beside a
# race build of another room are slow enough to be taken for broken.
test: ## all tests, browser included
	@.ci/install postgresql pgbouncer chromium fonts poppler compiler
	go test -race -count=1 -p 1 -timeout 40m ./...

check: check-format check-vet check-lint check-sqlc check-tidy check-licences check-css check-schema check-templates ## all that is looked at before a change goes in
	@echo "check: all is well"

check-format:
	@echo "check: gofmt"
	@files=$$(gofmt -l $(ROOMS)); test -z "$$files" || { echo "$$files"; echo "These files are not formatted; run gofmt -w on them."; exit 1; }

check-vet:
	@echo "check: go vet"
	@go vet ./... || { echo "go vet found a mistake."; exit 1; }

check-lint:
	@echo "check: golangci-lint"
	@$(LINT) run ./... || { echo "The linter found something; .golangci.yml says what it looks for."; exit 1; }

check-sqlc:
	@echo "check: sqlc diff, sqlc vet"
	@$(SQLC) diff || { echo "The generated queries are not those of the .sql files; run make generate."; exit 1; }
	@$(SQLC) vet || { echo "A query breaks a rule of sqlc.yaml."; exit 1; }

check-tidy:
	@echo "check: go mod tidy"
	@go mod tidy -diff || { echo "go.mod is not tidy; run go mod tidy."; exit 1; }

# A file is taken for the work of others when it is minified, a font, or speaks of
# a licence; each of them begins a line of NOTICE.
check-licences:
	@echo "check: licences of what is shipped in views/static"
	@cd views/static && for file in *; do \
		[ "$$file" != NOTICE ] || continue; \
		case $$file in *.min.*|*.woff*) ;; \
		*) awk 'length > 1000 || tolower($$0) ~ /licen[cs]e|copyright/ { found = 1 } END { exit !found }' "$$file" || continue ;; esac; \
		grep -q "^$$file: " NOTICE || { echo "views/static/$$file looks like the work of others and is not named in views/static/NOTICE."; exit 1; }; \
	done

check-css: $(PACKAGES)
	@echo "check: views/static is what views/styles builds"
	@built=$$(mktemp -d) && trap 'rm -rf "$$built"' EXIT && cd $(STYLES) && npm run --silent build -- --out "$$built" && \
	for file in "$$built"/*; do \
		cmp -s "$$file" "../static/$${file##*/}" || { echo "views/static/$${file##*/} is not what views/styles builds; run make css."; exit 1; }; \
	done

check-schema:
	@echo "check: the migrations build schema.sql"
	@.ci/install postgresql
	@go test -count=1 -timeout 5m -run '^TestSchemaIsWhatMigrationsBuild$$' ./queries

# The tests of these two rooms end with the list of the templates that none of them executed, which is a failure. Where make
# test follows, as in CI, it is that run which says so: the same tests twice would only take longer.
check-templates:
ifdef CI
	@echo "check: every template is executed by a test: left to make test"
else
	@echo "check: every template is executed by a test"
	@.ci/install postgresql
	@go test -count=1 -timeout 15m ./handlers ./jobs
endif

generate: ## the Go of the .sql files
	$(SQLC) generate

css: $(PACKAGES) ## views/static from views/styles
	cd $(STYLES) && npm run --silent build

# npm leaves out Tailwind's native part where Node is older than the 20 it asks
# for, though it runs on Debian 12's 18; so there it is asked for by name.
$(PACKAGES): $(STYLES)/package-lock.json
	@.ci/install node
	cd $(STYLES) && npm ci
	@cd $(STYLES) && { node -e 'require("@tailwindcss/oxide")' 2>/dev/null || npm install --no-save --no-package-lock \
		"@tailwindcss/oxide-$$(node -p '`$${process.platform}-$${process.arch}-gnu@$${require("@tailwindcss/oxide/package.json").version}`')"; }
	@touch $@

vuln: ## known weaknesses in what is used; asks a database on the network, so not part of check
	$(VULN) ./...

# Bad input is by chance, so another seed each time; a finding tells what was sent. Of handlers, which are built with all there
# is, no coverage is taken while they are fuzzed: reading it takes a thousand times as long as the functions themselves. What is
# found to be interesting is made smaller for a second at most: in the minute that is usual nothing else would be tried.
FUZZ ?= 30s
FUZZED := ./handlers ./handlers/internal/pictures ./jobs/billing ./jobs/csvfile ./jobs/internal/mail ./queries ./views

attack: ## bad input to every route at length, and every fuzz target for FUZZ (30s) each; takes a quarter of an hour
	@.ci/install postgresql
	go test ./handlers -run '^TestHostileInput$$' -count=1 -timeout 60m -args -attack.requests 5000 -attack.seed "$$(date +%s)"
	@for package in $(FUZZED); do \
		for target in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			case $$package in \
			./handlers) go test -c -o bin/handlers.test "$$package" && (cd handlers && ../bin/handlers.test -test.run '^$$' -test.fuzz "^$$target\$$" -test.fuzztime "$(FUZZ)" -test.fuzzminimizetime 1s -test.fuzzcachedir "$$(go env GOCACHE)/fuzz") ;; \
			*) go test "$$package" -run '^$$' -fuzz "^$$target\$$" -fuzztime "$(FUZZ)" -fuzzminimizetime 1s ;; \
			esac || exit 1; \
		done; \
	done

faults: ## everything that can go wrong: programs killed, PostgreSQL, mail, Stripe and disks away or slow, floods, wrong clocks, an older program; takes half an hour
	@.ci/install postgresql
	go test ./cmd/atrium -run '(TestEveryFaultAtEveryCall|TestFaults|TestClocksJump|TestLastReleaseBesideThisOne)$$' -count=1 -timeout 60m -args -stripe.faults -faults

# The figures are ratios: program, floor, load and PostgreSQL share this machine's cores. make bench BENCH="-speed.contacts 50000 -speed.rounds 3"
# is over in two minutes; -speed.pages '^home$$' looks at one page.
BENCH ?=
bench: ## the program against the floor, page by page, then its start and its mails; a quarter of an hour
	@.ci/install postgresql
	go test ./cmd/atrium -run 'TestSpeed$$' -count=1 -timeout 60m -v -args -speed.accounts 1000 -speed.contacts 1000000 -speed.sessions 10000 \
		-speed.time 500ms -speed.rounds 9 $(BENCH)
	go test ./jobs -run 'TestMailRate$$' -count=1 -timeout 20m -v -args -mail.rate 1000 -mail.rounds 5

bench-webhooks: ## events of Stripe's at 200 a second for ten seconds: p50 and p99
	@.ci/install postgresql
	go test ./cmd/atrium -run 'TestWebhookRate$$' -count=1 -v -args -stripe.rate 10s

bench-contacts: ## pages of a thousand and of a million contacts side by side; takes minutes
	@.ci/install postgresql
	go test ./handlers -count=1 -timeout 30m -run '^$$' -bench '^BenchmarkContactPages$$' -benchtime 1x

screens: ## a picture of every page, for looking at: make screens OUT=folder
	@test -n "$(OUT)" || { echo "Say where to: make screens OUT=folder"; exit 1; }
	@.ci/install postgresql chromium fonts
	go test ./cmd/atrium -count=1 -timeout 20m -run '^(TestScreens|TestMoneyPagesAreForEverybody)$$' -args -screens "$(abspath $(OUT))"
