package views

import (
	"html/template"
	"regexp"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// courseMarkdown understands what lessons and summaries are written in: CommonMark with tables, strikethrough and bare addresses
// as links. HTML is not in it, so that what looks like it is shown as it was typed.
var courseMarkdown = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(util.Prioritized(parser.NewSetextHeadingParser(), 100), util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(parser.NewListParser(), 300), util.Prioritized(parser.NewListItemParser(), 400), util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600), util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(parser.NewBlockquoteParser(), 800), util.Prioritized(parser.NewParagraphParser(), 1000)),
		parser.WithInlineParsers(util.Prioritized(parser.NewCodeSpanParser(), 100), util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300), util.Prioritized(parser.NewEmphasisParser(), 500)),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
		parser.WithASTTransformers(util.Prioritized(headingsBelow{}, 100)))),
	goldmark.WithExtensions(extension.Linkify, extension.Strikethrough,
		extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute))))

// courseSanitizer lets through what courseMarkdown makes. Links say nothing to where they lead and open beside the page; pictures
// come over https only, and not before they are in sight.
var courseSanitizer = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "h2", "h3", "h4", "h5", "h6", "strong", "em", "del", "ul", "ol", "li", "blockquote", "br", "hr", "pre", "code",
		"table", "thead", "tbody", "tr", "th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("src").Matching(httpsAddress).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("align").Matching(cellAlign).OnElements("th", "td")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true) // a lesson leads to another one
	p.RequireParseableURLs(true)
	p.RequireNoReferrerOnLinks(true)
	p.AddTargetBlankToFullyQualifiedLinks(true) // which brings rel=noopener
	return p
}()

var (
	httpsAddress = regexp.MustCompile(`^https://[^\s"'<>]+$`)
	cellAlign    = regexp.MustCompile(`^(left|center|right)$`)
)

// headingsBelow makes the largest headings of a text h2, because the page has its own first one, and each smaller one at most one
// step smaller than the one before it, whatever steps the writer took.
type headingsBelow struct{}

func (headingsBelow) Transform(tree *ast.Document, _ text.Reader, _ parser.Context) {
	var headings []*ast.Heading
	largest := 6
	_ = ast.Walk(tree, func(node ast.Node, entering bool) (ast.WalkStatus, error) { // which returns no error
		if heading, is := node.(*ast.Heading); is && entering {
			headings, largest = append(headings, heading), min(largest, heading.Level)
		}
		return ast.WalkContinue, nil
	})
	before := 1
	for _, heading := range headings {
		heading.Level = min(heading.Level-largest+2, before+1, 6)
		before = heading.Level
	}
}

// lazyImages has browsers fetch pictures when they come into sight.
var lazyImages = strings.NewReplacer("<img ", `<img loading="lazy" decoding="async" `)

// Markdown renders what staff wrote in markdown, such as a lesson, as HTML that can do nothing: no scripts, styles, frames or
// forms, and no HTML of the writer's, which is shown as it was typed. Its largest heading is an h2. The stylesheet's class for
// what is around it is "reading".
func Markdown(source string) template.HTML {
	var out strings.Builder
	if err := courseMarkdown.Convert([]byte(source), &out); err != nil {
		return template.HTML("<p>" + template.HTMLEscapeString(source) + "</p>") // only a writer can fail, and this one does not
	}
	return template.HTML(lazyImages.Replace(courseSanitizer.Sanitize(out.String()))) // a "<" in text is escaped, so only elements are changed
}
