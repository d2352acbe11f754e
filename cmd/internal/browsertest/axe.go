package browsertest

import (
	_ "embed"
	"fmt"

	"github.com/chromedp/chromedp"
)

//go:embed axe.min.js
var axe string

// inspect runs axe-core and makes a line of each finding. Pictures behind text would make axe unsure of the contrast, so there
// are none meanwhile; they are taken away by a style sheet made by script, which the content security policy lets through. It is
// unsure of text at the edge of what scrolls as well: that is brought into view and looked at once more.
const inspect = `(async () => {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync("*{background-image:none!important}");
	document.adoptedStyleSheets = [sheet];
	const line = (rule, node) => rule.id + ": " + rule.help + ": " + node.target.join(" ") + ": " +
		[...node.any, ...node.all, ...node.none].map(check => check.message).join("; ");
	const lines = rules => rules.flatMap(rule => rule.nodes.map(node => line(rule, node)));
	const results = await axe.run(document, {resultTypes: ["violations", "incomplete"], preload: false, ...%s});
	const found = lines(results.violations);
	for (const {target} of results.incomplete.filter(rule => rule.id === "color-contrast").flatMap(rule => rule.nodes)) {
		const element = document.querySelector(target[0]);
		element.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
		const again = await axe.run(element, {runOnly: ["color-contrast"]});
		found.push(...lines([...again.violations, ...again.incomplete]));
	}
	document.adoptedStyleSheets = [];
	return found;
})()`

// Barriers is what axe-core holds against the page as it looks now: each violation of its rules, and each text whose contrast
// it could not measure. Without rules it looks at all of them, those of WCAG 2.2 included.
func (w *Window) Barriers(rules ...string) []string {
	w.t.Helper()
	if !Get[bool](w, `"axe" in window`) {
		w.do("load axe-core", chromedp.Do(w.ctx, chromedp.Evaluate[chromedp.Void](axe)))
	}
	options := `{rules: {"target-size": {enabled: true}}}`
	if len(rules) > 0 {
		options = `{runOnly: ` + quote(rules) + `}`
	}
	return Get[[]string](w, fmt.Sprintf(inspect, options))
}
