package stripesim

import (
	"fmt"
	"strings"
	"time"
)

const (
	hour = int64(time.Hour / time.Second)
	day  = 24 * hour
)

// whole are the currencies whose minor unit is the currency itself.
var whole = map[string]bool{"jpy": true, "krw": true, "vnd": true, "clp": true, "xaf": true, "xof": true, "xpf": true, "ugx": true}

var signs = map[string]string{"eur": "€", "usd": "$", "gbp": "£"}

// money is an amount in minor units for people to read: €49.00, CHF 12.50, ¥ 500.
func money(minor int64, currency string) string {
	sign := signs[currency]
	if sign == "" {
		sign = strings.ToUpper(currency) + " "
	}
	before := ""
	if minor < 0 {
		before, minor = "−", -minor
	}
	if whole[currency] {
		return fmt.Sprintf("%s%s%d", before, sign, minor)
	}
	return fmt.Sprintf("%s%s%d.%02d", before, sign, minor/100, minor%100)
}
