package quick

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"strings"
	"text/template/parse"
)

// derivedMark stands in the name of a template that html/template escaped for another place than text (html/template,
// context.go, mangle); what follows names the place.
const derivedMark = "$htmltemplate_"

// places are ways to make html/template escape a template for another place: what stands before and behind it.
var places = [][2]string{{"<i ", ">"}, {"<textarea ", "></textarea>"}}

// escapedTrees is the tree of each template after escaping, those for other places than text included.
func escapedTrees(all *template.Template) (map[string]*parse.Tree, error) {
	spare, err := all.Clone()
	if err != nil {
		return nil, err
	}
	trees := map[string]*parse.Tree{}
	var calls strings.Builder
	for _, t := range all.Templates() {
		if t.Tree != nil {
			trees[t.Name()] = t.Tree
			fmt.Fprintf(&calls, "{{template %q}}", t.Name())
		}
	}
	// One that calls them all has them all escaped at once, each in its own tree.
	if err := escape(all, "quick:all", calls.String()); err != nil {
		return nil, err
	}
	for missing := derived(trees); len(missing) > 0; missing = derived(trees) {
		for _, name := range missing {
			if trees[name], err = derive(spare, name); err != nil {
				return nil, err
			}
		}
	}
	return trees, nil
}

// escape adds a template to the set and has it escaped, with all it calls. Nothing in it is executed.
func escape(set *template.Template, name, text string) error {
	t, err := set.New(name).Parse("{{if false}}" + text + "{{end}}")
	if err != nil {
		return err
	}
	return t.Execute(io.Discard, nil)
}

// derived are the names of templates for other places that the trees call and that are not among them.
func derived(trees map[string]*parse.Tree) (missing []string) {
	for _, tree := range trees {
		if tree == nil {
			continue
		}
		called(tree.Root, func(n *parse.TemplateNode) {
			if _, known := trees[n.Name]; !known && strings.Contains(n.Name, derivedMark) {
				missing = append(missing, n.Name)
			}
		})
	}
	return missing
}

// called visits each call of a template below a node.
func called(n parse.Node, visit func(*parse.TemplateNode)) {
	branch := func(b *parse.BranchNode) {
		called(b.List, visit)
		if b.ElseList != nil {
			called(b.ElseList, visit)
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		for _, child := range n.Nodes {
			called(child, visit)
		}
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		visit(n)
	}
}

// derive is the tree of a template escaped for the place in its name, or nil when the place is none of ours. html/template keeps such
// trees to itself, so the template is escaped once more as part of one that opens the place, which is the right one if a call from
// there is given the same name.
func derive(unescaped *template.Template, name string) (*parse.Tree, error) {
	base, _, _ := strings.Cut(name, derivedMark)
	for _, place := range places {
		set, err := unescaped.Clone()
		if err != nil {
			return nil, err
		}
		source := set.Lookup(base)
		if source == nil {
			return nil, errors.New("there is no template " + base)
		}
		tree := source.Tree.Copy()
		body := tree.Root.Nodes
		text := func(s string) parse.Node { return &parse.TextNode{NodeType: parse.NodeText, Text: []byte(s)} }
		tree.Root.Nodes = append(append([]parse.Node{text(place[0])}, body...), text(place[1]))
		if _, err := set.AddParseTree("quick:body", tree); err != nil {
			return nil, err
		}
		call, err := set.New("quick:call").Parse(place[0] + fmt.Sprintf("{{template %q}}", base) + place[1])
		if err != nil {
			return nil, err
		}
		if err := escape(set, "quick:both", `{{template "quick:body"}}{{template "quick:call"}}`); err != nil {
			continue // it is not valid there
		}
		same := false
		called(call.Tree.Root, func(n *parse.TemplateNode) { same = n.Name == name })
		if same {
			tree.Root.Nodes = body
			return tree, nil
		}
	}
	return nil, nil
}
