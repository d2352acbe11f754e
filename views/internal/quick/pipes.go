package quick

import (
	"html/template"
	"reflect"
	"strings"
	"text/template/parse"
)

// expression is a part of a pipeline.
type expression struct {
	value    func(x *run, dot reflect.Value) reflect.Value
	text     func(x *run, dot reflect.Value) string // the same, where it is known to be a string or template.HTML; nil: it is not known
	html     bool                                   // text is template.HTML
	constant bool                                   // neither run nor dot are looked at
	literal  bool                                   // it stands in the template, so it becomes what a parameter asks for
	escaper  *escaper                               // what the pipeline ends in; nil: nothing
}

func constant(v reflect.Value) expression {
	e := expression{value: func(*run, reflect.Value) reflect.Value { return v }, constant: true, literal: true}
	if v.Type() == stringType {
		e.text = func(*run, reflect.Value) string { return v.String() }
	}
	return e
}

// ofText is an expression of which the text is known.
func ofText(html bool, text func(x *run, dot reflect.Value) string) expression {
	e := expression{text: text, html: html}
	e.value = func(x *run, dot reflect.Value) reflect.Value { return reflect.ValueOf(text(x, dot)) }
	if html {
		e.value = func(x *run, dot reflect.Value) reflect.Value { return reflect.ValueOf(template.HTML(text(x, dot))) } // a function of ours made it as HTML
	}
	return e
}

// pipe is a pipeline without its declarations: one command, and the escapers behind it.
func (c *compiler) pipe(p *parse.PipeNode) expression {
	if p == nil || len(p.Cmds) == 0 {
		refuse("an empty pipeline")
	}
	e := c.command(p.Cmds[0])
	if value := e.value; e.text == nil && !e.constant {
		e.value = func(x *run, dot reflect.Value) reflect.Value { return inside(value(x, dot)) }
	}
	e.literal = false
	if len(p.Cmds) == 1 {
		return e
	}
	var names []string
	for _, command := range p.Cmds[1:] {
		name, ok := command.Args[0].(*parse.IdentifierNode)
		if !ok || len(command.Args) != 1 || !strings.HasPrefix(name.Ident, escaperPrefix) {
			refuse("a pipeline into %s", command)
		}
		names = append(names, name.Ident)
	}
	e.escaper = escaperOf(names)
	return e
}

// unescaped is a pipeline that is not printed.
func (c *compiler) unescaped(p *parse.PipeNode) expression {
	e := c.pipe(p)
	if e.escaper != nil {
		refuse("an escaper where nothing is printed: %s", p)
	}
	return e
}

// brackets is a pipeline in brackets.
func (c *compiler) brackets(p *parse.PipeNode) expression {
	if len(p.Decl) > 0 {
		refuse("a variable in brackets: %s", p)
	}
	return c.unescaped(p)
}

// inside is what an empty interface holds; anything else is itself. Pipelines do this to each of their values.
func inside(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.Interface && v.NumMethod() == 0 {
		return v.Elem()
	}
	return v
}

// declared sets the variables of a pipeline, which are in reach from here on.
func (c *compiler) declared(p *parse.PipeNode) func(*run, reflect.Value) {
	if len(p.Decl) == 0 {
		return func(*run, reflect.Value) {}
	}
	if len(p.Decl) > 1 {
		refuse("more than one variable: %s", p)
	}
	name := p.Decl[0].Ident[0]
	slot := 0
	if p.IsAssign {
		slot = c.variable(name)
	} else {
		slot = c.declare(name)
	}
	return func(x *run, v reflect.Value) { x.vars[x.base+slot] = v }
}

// command is a value, a field with or without arguments, or a call.
func (c *compiler) command(n *parse.CommandNode) expression {
	if name, ok := n.Args[0].(*parse.IdentifierNode); ok {
		return c.function(name.Ident, n.Args[1:])
	}
	if len(n.Args) == 1 {
		return c.argument(n.Args[0])
	}
	field, ok := n.Args[0].(*parse.FieldNode)
	if !ok {
		refuse("arguments for %s", n.Args[0])
	}
	return c.fields(expression{value: dotItself}, field.Ident, c.arguments(n.Args[1:]))
}

func dotItself(_ *run, dot reflect.Value) reflect.Value { return dot }

func (c *compiler) arguments(nodes []parse.Node) (all []expression) {
	for _, n := range nodes {
		all = append(all, c.argument(n))
	}
	return all
}

// argument is one word of a command.
func (c *compiler) argument(n parse.Node) expression {
	switch n := n.(type) {
	case *parse.DotNode:
		return expression{value: dotItself}
	case *parse.FieldNode:
		return c.fields(expression{value: dotItself}, n.Ident, nil)
	case *parse.VariableNode:
		slot := c.variable(n.Ident[0])
		return c.fields(expression{value: func(x *run, _ reflect.Value) reflect.Value { return x.vars[x.base+slot] }}, n.Ident[1:], nil)
	case *parse.PipeNode:
		return c.brackets(n)
	case *parse.ChainNode:
		brackets, ok := n.Node.(*parse.PipeNode)
		if !ok {
			refuse("a field of %s", n.Node)
		}
		return c.fields(c.brackets(brackets), n.Field, nil)
	case *parse.StringNode:
		return constant(reflect.ValueOf(n.Text))
	case *parse.BoolNode:
		return constant(reflect.ValueOf(n.True))
	case *parse.NumberNode:
		// 1e3 and 'a' are whole numbers too, but not always ints to html/template.
		if !n.IsInt || strings.ContainsAny(n.Text, ".eEpPxX'i_") || int64(int(n.Int64)) != n.Int64 {
			refuse("a number that is not plain: %s", n)
		}
		return constant(reflect.ValueOf(int(n.Int64)))
	}
	refuse("%T is not known: %s", n, n)
	return expression{}
}
