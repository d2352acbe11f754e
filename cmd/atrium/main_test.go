package main

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"atrium/cmd/internal/browsertest"
	"atrium/queries/dbtest"
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *speedFloor {
		if err := runFloor(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := dbtest.Main(m)
	browsertest.Stop()
	removeBinary()
	os.Exit(code)
}
