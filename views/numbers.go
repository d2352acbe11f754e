package views

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// number writes an integer of any size with thousands set apart: 12,480.
func number(count any) (string, error) {
	v := reflect.ValueOf(count)
	if !v.CanInt() {
		return "", fmt.Errorf("%T is no integer", count)
	}
	sign, digits := "", strconv.FormatInt(v.Int(), 10)
	if v.Int() < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits, nil
}

// percent writes a ratio between 0 and 1 in whole percents. What is not quite all never reads as 100 %, what is not quite nothing
// never as 0 %. A ratio of nothing to nothing (NaN) is a dash.
func percent(ratio float64) string {
	switch p := math.Round(ratio * 100); {
	case math.IsNaN(ratio) || math.IsInf(ratio, 0):
		return "–"
	case p >= 100 && ratio < 1:
		return "99%"
	case p <= 0 && ratio > 0:
		return "1%"
	default:
		return strconv.FormatFloat(p, 'f', 0, 64) + "%"
	}
}

// plural writes a number and the word that fits it: 1 contact, 12,480 contacts.
func plural(count any, one, many string) (string, error) {
	n, err := number(count)
	if n == "1" {
		return "1 " + one, err
	}
	return n + " " + many, err
}
