#!/usr/bin/env bash
# Makes the policies that come with the program, from nothing: one year with the default method, and what it knew when spring ended.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

runs="$(mktemp -d)"
trap 'rm -rf "$runs"' EXIT
perennial() { cargo run --locked --release --no-default-features -- "$@"; }

perennial train --seed 0 --results-dir "$runs" --run-id year
perennial export "$runs/year" --at-decision 60000 --out assets/policies/spring.policy
perennial export "$runs/year" --out assets/policies/year.policy
