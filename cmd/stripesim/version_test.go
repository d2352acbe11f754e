package stripesim_test

import (
	"testing"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/stripesim"
)

func TestVersionIsThatOfTheLibrary(t *testing.T) {
	t.Parallel()
	is(t, "the version spoken", stripesim.Version, stripe.APIVersion)
}
