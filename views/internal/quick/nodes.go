package quick

import (
	"fmt"
	"html/template"
	"reflect"
	"text/template/parse"
)

// node is a part of a template: text as it stands, or something to do.
type node struct {
	text []byte
	do   func(x *run, dot reflect.Value)
}

// list is what stands one after the other.
type list []node

func (l list) do(x *run, dot reflect.Value) {
	for i := range l {
		if l[i].do == nil {
			x.out = append(x.out, l[i].text...)
		} else {
			l[i].do(x, dot)
		}
	}
}

// refuse ends the compiling of a template that has what is not known here.
func refuse(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// compiler compiles one template.
type compiler struct {
	set       *Set
	functions template.FuncMap
	pure      map[string]bool
	methods   map[string][]Method // by name
	into      *compiled
	scope     []string // names of the variables in reach, the innermost last
	slots     []int    // where each of them is
}

func (c *compiler) template(tree *parse.Tree) {
	defer func() {
		if problem := recover(); problem != nil {
			c.into.refused = fmt.Errorf("%v", problem) // also a fault of ours: the page is written all the same
		}
	}()
	if tree == nil {
		refuse("it is escaped for a place that is not known")
	}
	c.declare("$")
	c.into.body = c.list(tree.Root)
}

// declare makes a variable that is in reach until leave, and answers where it is.
func (c *compiler) declare(name string) int {
	slot := c.into.slots
	c.into.slots++
	c.scope, c.slots = append(c.scope, name), append(c.slots, slot)
	return slot
}

// leave forgets the variables declared since there were that many.
func (c *compiler) leave(mark int) { c.scope, c.slots = c.scope[:mark], c.slots[:mark] }

// variable is where the innermost variable of that name is.
func (c *compiler) variable(name string) int {
	for i := len(c.scope) - 1; i >= 0; i-- {
		if c.scope[i] == name {
			return c.slots[i]
		}
	}
	refuse("no variable %s", name)
	return 0
}

func (c *compiler) list(n *parse.ListNode) (l list) {
	if n == nil {
		return nil
	}
	for _, child := range n.Nodes {
		next := c.node(child)
		if last := len(l) - 1; next.do == nil && last >= 0 && l[last].do == nil {
			l[last].text = append(l[last].text, next.text...)
			continue
		}
		l = append(l, next)
	}
	return l
}

func (c *compiler) node(n parse.Node) node {
	switch n := n.(type) {
	case *parse.TextNode:
		return node{text: append([]byte(nil), n.Text...)}
	case *parse.CommentNode:
		return node{}
	case *parse.ActionNode:
		return c.action(n)
	case *parse.IfNode:
		return c.branch(&n.BranchNode, false)
	case *parse.WithNode:
		return c.branch(&n.BranchNode, true)
	case *parse.RangeNode:
		return c.loop(n)
	case *parse.TemplateNode:
		return c.call(n)
	}
	refuse("%T is not known: %s", n, n)
	return node{}
}

// branch is an if, or a with, where what was found is the new dot.
func (c *compiler) branch(n *parse.BranchNode, with bool) node {
	mark := len(c.scope)
	defer func() { c.leave(mark) }()
	pipe, set := c.unescaped(n.Pipe), c.declared(n.Pipe)
	inside := len(c.scope)
	then := c.list(n.List)
	c.leave(inside) // what is declared in one branch is out of reach in the other, though it parses
	otherwise := c.list(n.ElseList)
	return node{do: func(x *run, dot reflect.Value) {
		v := pipe.value(x, dot)
		set(x, v)
		switch {
		case !truth(v):
			otherwise.do(x, dot)
		case with:
			then.do(x, v)
		default:
			then.do(x, dot)
		}
	}}
}

// loop is a range over a slice or an array.
func (c *compiler) loop(n *parse.RangeNode) node {
	mark := len(c.scope)
	defer func() { c.leave(mark) }()
	if n.Pipe.IsAssign {
		refuse("a range that assigns: %s", n.Pipe)
	}
	pipe := c.unescaped(n.Pipe)
	index, element := -1, -1
	switch names := n.Pipe.Decl; len(names) {
	case 0:
	case 1:
		element = c.declare(names[0].Ident[0])
	case 2:
		index, element = c.declare(names[0].Ident[0]), c.declare(names[1].Ident[0])
	default:
		refuse("%d variables of a range", len(names))
	}
	inside := len(c.scope)
	body := c.list(n.List)
	c.leave(inside)
	otherwise := c.list(n.ElseList)
	set := func(x *run, first, second reflect.Value) {
		if index >= 0 {
			x.vars[x.base+index] = first
		}
		if element >= 0 {
			x.vars[x.base+element] = second
		}
	}
	return node{do: func(x *run, dot reflect.Value) {
		v := pipe.value(x, dot)
		set(x, v, v) // {{else}} finds in both what there was to range over
		items := elements(v)
		if !items.IsValid() || items.Len() == 0 {
			otherwise.do(x, dot)
			return
		}
		for i := range items.Len() {
			item := items.Index(i)
			if index >= 0 {
				set(x, reflect.ValueOf(i), item)
			} else {
				set(x, item, item)
			}
			body.do(x, item)
		}
	}}
}

// elements is what is ranged over, behind any pointers and interfaces.
func elements(v reflect.Value) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			panic(giveUp("a range over nil"))
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice, reflect.Array, reflect.Invalid:
		return v
	}
	panic(giveUp("a range over " + v.Type().String()))
}

// call is another template.
func (c *compiler) call(n *parse.TemplateNode) node {
	t := c.set.templates[n.Name]
	if t == nil {
		refuse("no template %s", n.Name)
	}
	c.into.calls = append(c.into.calls, t)
	if n.Pipe == nil {
		return node{do: func(x *run, _ reflect.Value) { x.execute(t, reflect.Value{}) }}
	}
	pipe := c.unescaped(n.Pipe)
	if len(n.Pipe.Decl) > 0 {
		refuse("a call that declares a variable: %s", n)
	}
	return node{do: func(x *run, dot reflect.Value) { x.execute(t, pipe.value(x, dot)) }}
}

// action is a pipeline that is printed, or sets variables.
func (c *compiler) action(n *parse.ActionNode) node {
	if len(n.Pipe.Decl) > 0 {
		pipe, set := c.unescaped(n.Pipe), c.declared(n.Pipe)
		return node{do: func(x *run, dot reflect.Value) { set(x, pipe.value(x, dot)) }}
	}
	pipe := c.pipe(n.Pipe)
	if pipe.escaper == nil {
		refuse("a pipeline without an escaper: %s", n.Pipe)
	}
	switch e := pipe.escaper; {
	case pipe.constant && pipe.text != nil:
		return node{text: e.text(nil, pipe.text(nil, reflect.Value{}), pipe.html)}
	case pipe.text != nil:
		return node{do: func(x *run, dot reflect.Value) { x.out = e.text(x.out, pipe.text(x, dot), pipe.html) }}
	default:
		return node{do: func(x *run, dot reflect.Value) { x.out = e.value(x.out, pipe.value(x, dot)) }}
	}
}
