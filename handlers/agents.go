package handlers

import (
	"strings"

	"atrium/queries"
)

// agentWords says what a browser is called and what it runs on, as far as its agent tells.
func agentWords(agent string) string {
	browser := firstMark(agent, [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"},
		{"FxiOS", "Firefox"}, {"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}})
	system := firstMark(agent, [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Mac OS X", "Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"}})
	switch {
	case browser == "" && system == "":
		return "Unknown browser"
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func firstMark(agent string, marks [][2]string) string {
	for _, mark := range marks {
		if strings.Contains(agent, mark[0]) {
			return mark[1]
		}
	}
	return ""
}

func isPhone(agent string) bool {
	return strings.Contains(agent, "iPhone") || strings.Contains(agent, "Android") && strings.Contains(agent, "Mobile")
}

func methodWords(m queries.SignInMethod) string {
	return map[queries.SignInMethod]string{queries.SignInMethodPassword: "by password", queries.SignInMethodInvitation: "by invitation",
		queries.SignInMethodLink: "by link", queries.SignInMethodCode: "by code", queries.SignInMethodStaff: "staff, looking as the client", queries.SignInMethodCheckout: "by a purchase"}[m]
}
