package views

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
)

// number writes an integer of any size with thousands set apart: 12,480.
func (l *locale) number(count any) (string, error) {
	v := reflect.ValueOf(count)
	if !v.CanInt() {
		return "", fmt.Errorf("%T is no integer", count)
	}
	sign, digits := "", strconv.FormatInt(v.Int(), 10)
	if v.Int() < 0 {
		sign, digits = "−", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + l.group + digits[i:]
	}
	return sign + digits, nil
}

// percentage writes a ratio between 0 and 1 in whole percents. What is not quite all never reads as 100 %, what is not quite nothing
// never as 0 %. A ratio of nothing to nothing (NaN) is a dash.
func (l *locale) percentage(ratio float64) string {
	switch p := math.Round(ratio * 100); {
	case math.IsNaN(ratio) || math.IsInf(ratio, 0):
		return "–"
	case p >= 100 && ratio < 1:
		return "99" + l.percent
	case p <= 0 && ratio > 0:
		return "1" + l.percent
	default:
		return strconv.FormatFloat(p, 'f', 0, 64) + l.percent
	}
}

// plural writes a number and the word that fits it: 1 contact, 12,480 contacts.
func (l *locale) plural(count any, one, many string) (string, error) {
	n, err := l.number(count)
	if n == "1" {
		return "1 " + one, err
	}
	return n + " " + many, err
}
