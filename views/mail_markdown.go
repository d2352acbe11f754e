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
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// mailMarkdown understands what a mail needs: paragraphs, headings, lists, quotations, emphasis and links. HTML and code are
// not in it, so that what looks like them is shown as it was typed, and every brace outside an address is a placeholder's.
var mailMarkdown = goldmark.New(
	goldmark.WithParser(parser.NewParser(
		parser.WithBlockParsers(util.Prioritized(parser.NewThematicBreakParser(), 200), util.Prioritized(parser.NewListParser(), 300),
			util.Prioritized(parser.NewListItemParser(), 400), util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewBlockquoteParser(), 800), util.Prioritized(parser.NewParagraphParser(), 1000)),
		parser.WithInlineParsers(util.Prioritized(placeholderParser{}, 100), util.Prioritized(parser.NewLinkParser(), 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300), util.Prioritized(parser.NewEmphasisParser(), 500)),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...))),
	goldmark.WithExtensions(extension.Linkify),
	goldmark.WithRendererOptions(html.WithHardWraps(), renderer.WithNodeRenderers(util.Prioritized(placeholderRenderer{}, 100))))

// mailSanitizer lets through what mailMarkdown makes, without attributes but the address of a link.
var mailSanitizer = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "ul", "ol", "li", "blockquote", "br", "hr")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.RequireParseableURLs(true)
	return p
}()

// placeholder is a word in braces in the tree of a text.
type placeholder struct {
	ast.BaseInline
	typed string // with its braces
	value string
	link  bool // the value is a web address
}

var placeholderKind = ast.NewNodeKind("Placeholder")

func (*placeholder) Kind() ast.NodeKind              { return placeholderKind }
func (n *placeholder) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

type placeholderParser struct{}

func (placeholderParser) Trigger() []byte { return []byte{'{'} }

func (placeholderParser) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	at := placeholderForm.FindIndex(line)
	if at == nil || at[0] != 0 {
		return nil
	}
	block.Advance(at[1])
	return &placeholder{typed: string(line[:at[1]]), value: string(line[:at[1]])}
}

// placeholderRenderer writes values as text: whatever people are called is no markup.
type placeholderRenderer struct{}

func (placeholderRenderer) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(placeholderKind, func(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
		n := node.(*placeholder)
		value := template.HTMLEscapeString(n.value)
		switch {
		case !entering:
		case n.link:
			_, _ = w.WriteString(`<a href="` + value + `">` + value + `</a>`) // into memory
		default:
			_, _ = w.WriteString(value)
		}
		return ast.WalkContinue, nil
	})
}

// mailBody is the tree of a text and what stands in it.
type mailBody struct {
	source   []byte
	tree     ast.Node
	typed    []string // every placeholder, with its braces, in order
	inLinks  []string // those in the addresses of links
	buttons  int      // {button}s that stand alone
	stray    bool     // whether one does not
	pictures bool
}

// buttonLine is a {button} alone on its line, which makes it a paragraph of its own.
var buttonLine = regexp.MustCompile(`(?m)^[ \t]*(\{[ \t]*button[^{}\n]*\})[ \t]*$`)

func parseMailBody(body string) *mailBody {
	source := []byte(buttonLine.ReplaceAllString(strings.ReplaceAll(body, "\r\n", "\n"), "\n$1\n"))
	b := &mailBody{source: source, tree: mailMarkdown.Parser().Parse(text.NewReader(source))}
	b.walk(func(node ast.Node) {
		switch n := node.(type) {
		case *placeholder:
			b.typed = append(b.typed, n.typed)
			if placeholderName(n.typed) != "button" {
				return
			}
			if alone := n.Parent(); buttonIn(alone) != nil && alone.Parent() == b.tree {
				b.buttons++
			} else {
				b.stray = true
			}
		case *ast.Link:
			b.inLinks = append(b.inLinks, placeholderForm.FindAllString(string(n.Destination), -1)...)
		case *ast.Image:
			b.pictures = true
		}
	})
	return b
}

func (b *mailBody) walk(see func(ast.Node)) {
	_ = ast.Walk(b.tree, func(node ast.Node, entering bool) (ast.WalkStatus, error) { // see returns no error
		if entering {
			see(node)
		}
		return ast.WalkContinue, nil
	})
}

// buttonIn is the button that a block consists of; nil for every other block.
func buttonIn(block ast.Node) *placeholder {
	if block.Kind() != ast.KindParagraph || block.ChildCount() != 1 {
		return nil
	}
	if n, is := block.FirstChild().(*placeholder); is && placeholderName(n.typed) == "button" {
		return n
	}
	return nil
}

// fill gives the placeholders their values. One that has none goes with the blank before it, so that "Hello {name}," greets
// also who has no name; one that is not known stays as it was typed.
func (b *mailBody) fill(values map[string]string) {
	var empty []*placeholder
	b.walk(func(node ast.Node) {
		switch n := node.(type) {
		case *placeholder:
			name := placeholderName(n.typed)
			value, known := values[name]
			if !known {
				return
			}
			n.value, n.link = value, isAddress(name) && value != ""
			if value == "" {
				empty = append(empty, n)
			}
		case *ast.Link:
			n.Destination = placeholderForm.ReplaceAllFunc(n.Destination, func(typed []byte) []byte { return []byte(values[placeholderName(string(typed))]) })
		}
	})
	for _, n := range empty {
		if before, is := n.PreviousSibling().(*ast.Text); is && strings.HasSuffix(string(before.Segment.Value(b.source)), " ") {
			before.Segment = before.Segment.WithStop(before.Segment.Stop - 1)
		}
	}
}

// html is one block as a mail shows it: sanitized, and with styles on the elements, since many programs drop others.
func (b *mailBody) html(block ast.Node, styles *strings.Replacer) (template.HTML, error) {
	var out strings.Builder
	if err := mailMarkdown.Renderer().Render(&out, b.source, block); err != nil {
		return "", err
	}
	return template.HTML(styles.Replace(mailSanitizer.Sanitize(out.String()))), nil // a "<" in text is escaped, so only elements are styled
}

const mailBreaks = `word-break:break-word;overflow-wrap:anywhere`

// mailStyles styles the elements of a text; what follows its button is set smaller.
var mailStyles, mailStylesSmall = mailStyling("16px;line-height:26px"), mailStyling("14px;line-height:22px")

func mailStyling(size string) *strings.Replacer {
	words := `class="words" dir="auto" style="margin:0 0 16px;font-size:` + size + `;color:#3c3d45;` + mailBreaks + `"`
	list := strings.Replace(words, "margin:0 0 16px", "margin:0 0 16px;padding:0 0 0 22px", 1)
	heading := func(size string) string {
		return `class="strong" dir="auto" style="margin:0 0 18px;font-size:` + size + `;font-weight:600;color:#1a1b1f;` + mailBreaks + `"`
	}
	pairs := []string{"<p>", "<p " + words + ">", "<ul>", "<ul " + list + ">", "<ol>", "<ol " + list + ">", "<ol start", "<ol " + list + " start",
		"<li>", `<li style="margin:0 0 6px">`, "<blockquote>", `<blockquote class="line" style="margin:0 0 16px;padding:2px 0 2px 16px;border-left:3px solid #e3e3e8">`,
		"<hr>", `<hr class="line" style="margin:24px 0;border:0;border-top:1px solid #e3e3e8">`, "<a href", `<a class="words" style="color:#3c3d45;text-decoration:underline;word-break:break-word" href`,
		"<strong>", `<strong class="strong" style="color:#1a1b1f">`, "<h1>", "<h1 " + heading("24px;line-height:32px") + ">", "<h2>", "<h2 " + heading("20px;line-height:28px") + ">"}
	for _, level := range []string{"<h3", "<h4", "<h5", "<h6"} {
		pairs = append(pairs, level+">", level+" "+heading("16px;line-height:24px")+">")
	}
	return strings.NewReplacer(pairs...)
}
