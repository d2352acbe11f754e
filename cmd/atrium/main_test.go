package main

import (
	"os"
	"testing"

	"atrium/cmd/internal/browsertest"
	"atrium/queries/dbtest"
)

func TestMain(m *testing.M) {
	code := dbtest.Main(m)
	browsertest.Stop()
	removeBinary()
	os.Exit(code)
}
