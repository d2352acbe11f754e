package views

import (
	"fmt"
	"html/template"
	"regexp"
	"strings"
	"unicode"
)

// functions are what templates may call beside the built-in ones and those that write dates and numbers ([locale.functions]). None reads
// the clock or builds a map.
var functions = template.FuncMap{
	"asset":    assetPath,
	"icon":     icon,
	"initials": initials,
	"halves":   halves,
	"address":  Address,
	"empty":    func(icon, title, text, action, href string) Empty { return Empty{icon, title, text, action, href} },
	"copyable": func(value, name string) Copy { return Copy{value, name} },
	"confirm": func(id, title, text, verb, action, token string) Confirm {
		return Confirm{id, title, text, verb, action, token, ""}
	},
}

// Halves are an address as it is shown, before its @ and from it on; of what is none, all is before.
type Halves struct{ Before, From string }

func halves(address string) Halves {
	address = Address(address)
	if at := strings.LastIndexByte(address, '@'); at > 0 {
		return Halves{address[:at], address[at:]}
	}
	return Halves{Before: address}
}

// assetPath is [AssetPath], failing on a name that is not in views/static.
func assetPath(name string) (string, error) {
	if p := AssetPath(name); p != "" {
		return p, nil
	}
	return "", fmt.Errorf("no file %q in views/static", name)
}

// icons are the pictures of the sprite by their ids, as they are without a label.
var icons = func() map[string]template.HTML {
	all := map[string]template.HTML{}
	for _, id := range regexp.MustCompile(`<symbol id="([^"]+)"`).FindAllSubmatch(byName["icons.svg"].Body, -1) {
		all[string(id[1])] = drawn(string(id[1]), `aria-hidden="true"`)
	}
	return all
}()

// drawn is the picture of an id of the sprite; the attributes are escaped.
func drawn(id, attributes string) template.HTML {
	return template.HTML(`<svg class="icon" ` + attributes + `><use href="` + AssetPath("icons.svg") + `#` + id + `"/></svg>`)
}

// icon is a picture of the sprite, 20 px unless a class says otherwise: hidden from screen readers, or named by the label if one is given.
// A name that styles/icons.txt does not have is an error.
func icon(name string, label ...string) (template.HTML, error) {
	plain, known := icons[name]
	switch {
	case !known:
		return "", fmt.Errorf("no icon %q: add it to views/styles/icons.txt and build", name)
	case len(label) == 0:
		return plain, nil
	}
	return drawn(name, `role="img" aria-label="`+template.HTMLEscapeString(strings.Join(label, " "))+`"`), nil
}

// initials are the first letters of the first and last word, or of an address; "?" for nothing.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’' && !unicode.Is(unicode.M, r)
	})
	if strings.Contains(name, "@") && len(words) > 0 {
		words = words[:1]
	}
	switch len(words) {
	case 0:
		return "?"
	case 1:
		return firstLetter(words[0])
	}
	return firstLetter(words[0]) + firstLetter(words[len(words)-1])
}

func firstLetter(word string) string {
	for _, r := range word {
		return string(unicode.ToUpper(r))
	}
	return ""
}
