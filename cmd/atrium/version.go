package main

import (
	"fmt"
	"runtime"
)

type versionCmd struct{}

// Run prints what was built and with what.
func (*versionCmd) Run(e *env) error {
	_, err := fmt.Fprintf(e.out, "atrium %s (%s)\n", version, runtime.Version())
	return err
}
