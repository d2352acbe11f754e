package queries

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// What can be answered, in characters.
const (
	answerLineMost  = 300
	answerPhoneMost = 40
	answerTextMost  = 5000
)

// AnswerMost is how long an answer of the kind may be; 0 where nothing is typed.
func (k FormKind) AnswerMost() int {
	switch k {
	case FormEmail:
		return EmailMax
	case FormName, FormCompany:
		return 120
	case FormPhone:
		return answerPhoneMost
	case FormLine:
		return answerLineMost
	case FormText:
		return answerTextMost
	case FormChoice, FormConsent:
	}
	return 0
}

// Parse takes what was typed or chosen as an answer. The error is Invalid with a sentence for the person. An answer that was not
// given is empty; a consent that was given is "Yes".
func (f FormField) Parse(typed string) (string, error) {
	switch f.Kind {
	case FormEmail:
		return ParseEmail(typed)
	case FormConsent:
		if typed == "" && f.Required {
			return "", Invalid{f.Key, "Please tick this to go on."}
		} else if typed == "" {
			return "", nil
		}
		return "Yes", nil
	case FormChoice:
		if typed != "" && !slices.Contains(f.Options, typed) {
			return "", Invalid{f.Key, "Choose one of these."}
		}
	case FormName:
		if _, err := ParseName(typed); err != nil {
			return "", err
		}
	case FormPhone, FormCompany, FormLine, FormText:
	}
	value := OneLine(typed)
	if f.Kind == FormText {
		value = Lines(typed)
	}
	switch most := f.Kind.AnswerMost(); {
	case value == "" && f.Required && f.Kind == FormChoice:
		return "", Invalid{f.Key, "Please choose one."}
	case value == "" && f.Required:
		return "", Invalid{f.Key, "Please fill this in."}
	case most > 0 && utf8.RuneCountInString(value) > most:
		return "", Invalid{f.Key, fmt.Sprintf("This can be up to %d characters long.", most)}
	}
	return value, nil
}
