package browsertest

import (
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
)

// Cookie is the value of a cookie that the page's host has set, also of one that its scripts cannot read; empty: there is none.
func (w *Window) Cookie(name string) string {
	w.t.Helper()
	found, err := chromedp.Call(w.ctx, network.GetCookies, network.GetCookiesParams{})
	w.do("read the cookies", err)
	for _, cookie := range found.Cookies {
		if cookie.Name == name {
			return cookie.Value
		}
	}
	return ""
}

// Clipboard is the text that was copied last.
func (w *Window) Clipboard() string {
	w.t.Helper()
	_, err := chromedp.CallBrowser(w.ctx, browser.SetPermission, browser.SetPermissionParams{Permission: &browser.PermissionDescriptor{Name: "clipboard-read"},
		Setting: browser.PermissionSettingGranted, BrowserContextID: chromedp.FromContext(w.ctx).BrowserContextID})
	w.do("be let read the clipboard", err)
	return Get[string](w, `navigator.clipboard.readText()`)
}

// Slow gives the window a line on which every answer takes 400 ms longer.
func (w *Window) Slow() {
	w.t.Helper()
	conditions := []*network.Conditions{{Latency: 400, DownloadThroughput: -1, UploadThroughput: -1}}
	_, err := chromedp.Call(w.ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: conditions})
	w.do("slow the line down", err)
}

// TrustAll has the window believe every server's certificate, such as that of one a test starts on this machine.
func (w *Window) TrustAll() {
	w.t.Helper()
	_, err := chromedp.Call(w.ctx, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
	w.do("trust every certificate", err)
}
