package stripesim

import "strings"

// Outcome is what happens when a payment method is charged.
type Outcome string

// The outcomes.
const (
	Pays           Outcome = "pays"
	Declines       Outcome = "declines"        // card_declined, generic_decline
	NoFunds        Outcome = "no_funds"        // card_declined, insufficient_funds
	Expired        Outcome = "expired"         // expired_card
	Authenticates  Outcome = "authenticates"   // 3-D Secure when the customer is there; declined when not
	Debits         Outcome = "debits"          // stays processing until Settle
	AttachesThenNo Outcome = "fails_when_used" // pays never, but can be attached
)

// decline is what Stripe says to an outcome that is a refusal.
func (o Outcome) decline() (code, declineCode, message string) {
	switch o {
	case NoFunds:
		return "card_declined", "insufficient_funds", "Your card has insufficient funds."
	case Expired:
		return "expired_card", "expired_card", "Your card has expired."
	case Authenticates:
		return "authentication_required", "authentication_required", "Your card was declined. This transaction requires authentication."
	default:
		return "card_declined", "generic_decline", "Your card was declined."
	}
}

// magic are the payment methods and tokens of Stripe's test mode, as far as they are here.
var magic = map[string]struct {
	last4   string
	outcome Outcome
}{
	"visa":                            {"4242", Pays},
	"mastercard":                      {"4444", Pays},
	"chargeCustomerFail":              {"0341", AttachesThenNo},
	"visa_chargeDeclined":             {"0002", Declines},
	"chargeDeclined":                  {"0002", Declines},
	"chargeDeclinedInsufficientFunds": {"9995", NoFunds},
	"chargeDeclinedExpiredCard":       {"0069", Expired},
	"authenticationRequired":          {"3184", Authenticates},
	"threeDSecure2Required":           {"3220", Authenticates},
}

// usableMethod finds a payment method; a name of Stripe's test mode, such as pm_card_visa, makes one.
func (b *books) usableMethod(id, param string) (*PaymentMethod, error) {
	if id == "pm_sepaDebit" {
		return b.newDebit(), nil
	}
	word, isCard := strings.CutPrefix(id, "pm_card_")
	if card, there := magic[word]; isCard && there {
		return b.newCard(card.last4, card.outcome), nil
	}
	return b.paymentMethods.need(id, "PaymentMethod", param)
}
