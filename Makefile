# Everything here needs Go and make and nothing else; `make check` also wants gcc for the
# race detector. `make` alone prints this help.

export CGO_ENABLED := 0

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS := -s -w -X main.version=$(VERSION)
GOLANGCI := go run -modfile=tools/go.mod github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.DEFAULT_GOAL := help

.PHONY: help
help: ## print this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/simrun
	go build -trimpath -ldflags '$(LDFLAGS)' -o bin/simrun ./cmd/simrun

.PHONY: run
run: build ## build, then run the embedded scenario "quickstart"
	bin/simrun run quickstart

.PHONY: test
test: ## run all tests, some minutes on two cores; "go test -short ./..." leaves out the slow ones
	go test ./...

.PHONY: check
check: format vet lint generated race ## what must hold before a commit, tests with the race detector included

.PHONY: format
format: ## list files that gofmt would change
	@unformatted=$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go')); \
	if [ -n "$$unformatted" ]; then echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet: ## run go vet here and for the other platforms that must build
	go vet ./...
	GOARCH=arm64 go vet ./...
	GOOS=darwin go build ./...
	GOOS=darwin go vet ./...
	GOOS=windows go vet ./...

.PHONY: lint
lint: ## run golangci-lint at the version that tools/go.mod pins
	$(GOLANGCI) run ./...

.PHONY: race
race: ## all tests with the race detector (needs gcc), by far the slowest of all
	@command -v $${CC:-gcc} >/dev/null || { echo "make race: the race detector needs cgo and a C compiler; $${CC:-gcc} is not on PATH"; exit 1; }
	CGO_ENABLED=1 go test -race -timeout 30m ./... # one package took 9 of the 10 minutes that are allowed otherwise

# How long "make fuzz" works on each target.
FUZZTIME ?= 1m

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (1m): make fuzz FUZZTIME=10s
	@grep -r --include='*_test.go' '^func Fuzz' . | sed 's|/[^/]*_test.go:func \(Fuzz[A-Za-z0-9_]*\).*| \1|' | sort | \
	while read -r package target; do \
		echo "$$package $$target"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 5s "$$package" || exit 1; \
	done

# The Python of "make parity"; without it, one is made under scripts/parity/.venv. The golden
# vectors are those of the tests.
PYTHON ?=
LORAMESH_GOLDEN ?= ../shared/golden

.PHONY: parity
parity: build ## load what simrun writes in PEFT and Transformers, and compare logits
	@if [ ! -d "$(LORAMESH_GOLDEN)/lora/peft" ]; then \
		echo "parity: skipped: no golden vectors in $(LORAMESH_GOLDEN) (LORAMESH_GOLDEN names their folder)"; exit 0; fi; \
	python="$(PYTHON)"; \
	if [ -z "$$python" ]; then \
		command -v python3 >/dev/null || { echo "parity: skipped: no python3 (PYTHON names one that has scripts/parity/requirements.txt)"; exit 0; }; \
		[ -x scripts/parity/.venv/bin/python ] || python3 -m venv scripts/parity/.venv; \
		scripts/parity/.venv/bin/python -m pip install -q -r scripts/parity/requirements.txt || exit 1; \
		python=scripts/parity/.venv/bin/python; \
	fi; \
	"$$python" scripts/parity/parity.py bin/simrun "$(LORAMESH_GOLDEN)/lora" && "$$python" scripts/parity/heads.py bin/simrun && \
	"$$python" scripts/parity/starts.py bin/simrun && "$$python" scripts/parity/features.py bin/simrun "$(LORAMESH_GOLDEN)/models" && \
	"$$python" scripts/parity/tied.py bin/simrun "$(LORAMESH_GOLDEN)/models"

# How long each of "make bench" takes, and how often it is done; benchstat compares two outputs.
BENCHTIME ?= 1s
COUNT ?= 1

.PHONY: bench
bench: ## run the Go benchmarks: make bench COUNT=6 >new.txt
	@go test -run '^$$' -bench . -benchmem -benchtime $(BENCHTIME) -count $(COUNT) $$(grep -rl --include='*_test.go' '^func Benchmark' . | xargs -n 1 dirname | sort -u)

.PHONY: chaos
chaos: build ## break 100 runs over real processes at random, and write docs/reliability.md
	go build -o bin/nats-server github.com/nats-io/nats-server/v2
	bin/simrun chaos quickstart --seeds 1 --schedules 100 --nats-server bin/nats-server --markdown docs/reliability.md

SPAN ?= 20m

.PHONY: soak
soak: build ## run at full rate for SPAN (20m), and see that nothing grows
	bin/simrun soak --span $(SPAN)

.PHONY: scaling
scaling: build ## measure the costs of the machinery, and write docs/scaling.md
	bin/simrun bench scale --markdown docs/scaling.md

.PHONY: generate
generate: ## make the generated files again
	go generate ./...

.PHONY: generated
generated: ## check that the generated files are up to date, by making them anew
	@before=$$(git ls-files -co --exclude-standard | grep -E '\.pb\.go$$|_stubs_amd64\.go$$|_amd64\.s$$' | xargs cat | cksum); \
	$(MAKE) --no-print-directory generate; \
	after=$$(git ls-files -co --exclude-standard | grep -E '\.pb\.go$$|_stubs_amd64\.go$$|_amd64\.s$$' | xargs cat | cksum); \
	if [ "$$before" != "$$after" ]; then echo "generated files were out of date; they are made anew now"; exit 1; fi

.PHONY: parity-export
parity: parity-export
parity-export: build ## read what "simrun export" writes with the tools that it is meant for
	scripts/export/run.sh bin/simrun

.PHONY: clean
clean: ## remove what was built; runs/ stays
	rm -rf bin
