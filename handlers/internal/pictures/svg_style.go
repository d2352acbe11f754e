package pictures

import (
	"regexp"
	"strings"
)

var (
	commentForm  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	ruleForm     = regexp.MustCompile(`([^{}]*)\{([^{}]*)\}`)
	selectorForm = regexp.MustCompile(`^[.#]?[\pL_][\pL\pN_-]*$`)
)

// styleSheet is what may stay of a style element: rules on names, classes and ids, with declarations that may stay. What has
// an @, a nested block or anything else is left out.
func (r *svgReader) styleSheet(css string) string {
	var out strings.Builder
	for _, rule := range ruleForm.FindAllStringSubmatch(commentForm.ReplaceAllString(css, " "), -1) {
		kept, refers := declarations(rule[2])
		if kept == "" {
			continue
		}
		var selectors []string
		for selector := range strings.SplitSeq(rule[1], ",") {
			if selector = strings.TrimSpace(selector); selectorForm.MatchString(selector) {
				selectors = append(selectors, selector)
				r.styled[selector] = append(r.styled[selector], refers...)
			}
		}
		if len(selectors) > 0 {
			out.WriteString(strings.Join(selectors, ",") + "{" + kept + "}")
		}
	}
	return out.String()
}

// declarations are those that say how something is drawn and have a value that may stay; empty when there are none. With
// them come the ids they refer to.
func declarations(css string) (kept string, refers []string) {
	var all []string
	for declaration := range strings.SplitSeq(commentForm.ReplaceAllString(css, " "), ";") {
		name, value, _ := strings.Cut(declaration, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		if looks[name] == "" {
			continue
		}
		if value, ids, ok := safeValue(strings.TrimSpace(value)); ok && value != "" {
			all, refers = append(all, name+":"+value), append(refers, ids...)
		}
	}
	return strings.Join(all, ";"), refers
}
