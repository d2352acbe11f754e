package views

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// plain is a block as the text part shows it, in lines of at most that width.
func (b *mailBody) plain(block ast.Node, width int) string {
	switch n := block.(type) {
	case *ast.List:
		return b.plainList(n, width)
	case *ast.Blockquote:
		return indented(b.plainBlocks(n, width-2), "> ", "> ")
	case *ast.ThematicBreak:
		return "* * *"
	}
	var lines []string
	for line := range strings.SplitSeq(b.plainWords(block), "\n") {
		lines = append(lines, wrapWords(mailWord.FindAllString(line, -1), width))
	}
	return strings.Join(lines, "\n")
}

func (b *mailBody) plainBlocks(parent ast.Node, width int) string {
	var blocks []string
	for block := parent.FirstChild(); block != nil; block = block.NextSibling() {
		blocks = append(blocks, b.plain(block, width))
	}
	return strings.Join(blocks, "\n\n")
}

func (b *mailBody) plainList(list *ast.List, width int) string {
	var items []string
	number := list.Start
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		mark := "- "
		if list.IsOrdered() {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		items = append(items, indented(b.plainBlocks(item, width-len(mark)), mark, strings.Repeat(" ", len(mark))))
	}
	return strings.Join(items, "\n")
}

// indented puts first before the first line and others before the others.
func indented(text, first, others string) string {
	return first + strings.ReplaceAll(text, "\n", "\n"+others)
}

// plainWords is the text in a block, each line as it was typed; a link is followed by its address.
func (b *mailBody) plainWords(node ast.Node) string {
	var out strings.Builder
	for child := node.FirstChild(); child != nil; child = child.NextSibling() {
		switch n := child.(type) {
		case *ast.Text:
			out.Write(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(n.Segment.Value(b.source)))))
			if n.SoftLineBreak() || n.HardLineBreak() {
				out.WriteByte('\n')
			}
		case *ast.String:
			out.Write(n.Value)
		case *placeholder:
			out.WriteString(n.value)
		case *ast.AutoLink:
			out.Write(n.Label(b.source))
		case *ast.Link:
			words, address := b.plainWords(n), strings.TrimPrefix(string(n.Destination), "mailto:")
			if out.WriteString(words); words != address {
				out.WriteString(" (" + address + ")")
			}
		default:
			out.WriteString(b.plainWords(child))
		}
	}
	return out.String()
}

// preheader is what a mail list shows beside the subject: the text's own beginning, without heading and greeting.
func (b *mailBody) preheader() string {
	var words []string
	for block := b.tree.FirstChild(); block != nil; block = block.NextSibling() {
		if block.Kind() != ast.KindParagraph || buttonIn(block) != nil {
			continue
		}
		line := strings.Fields(b.plainWords(block))
		if greeting := len(words) == 0 && len(line) > 0 && strings.HasSuffix(line[len(line)-1], ",") && block.NextSibling() != nil; !greeting {
			words = append(words, line...)
		}
	}
	const most = 140
	first, _, more := strings.Cut(wrapWords(words, most), "\n")
	if more {
		first += " …"
	}
	return first
}
